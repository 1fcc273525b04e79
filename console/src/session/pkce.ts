// RFC 7636 (proof key for code exchange), method S256.

const VERIFIER_BYTES = 32; // 43 characters, the shortest the RFC allows; 256 bits

/** A new secret that only this browser has. */
export function newVerifier(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(VERIFIER_BYTES)));
}

/** What the sign-in page is told of it: enough to recognise the verifier, not enough to make it. */
export async function challengeOf(verifier: string): Promise<string> {
  return base64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

/** A value that ties the answer of the sign-in page to the question of this tab. */
export function newState(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(16)));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
