import { texts } from "../texts";

/** What a user may do beside looking. The API decides; the console only says beforehand what it would answer. */
export type Right = "deploy" | "author";

const GROUP_OF: Record<Right, string> = { deploy: "operator", author: "author" };

export type User = { name: string; groups: readonly string[] };

/** Null when the user may; else the sentence that says why not. */
export function whyNot(user: User, right: Right): string | null {
  const group = GROUP_OF[right];
  return user.groups.includes(group) ? null : texts.rights.needsGroup(group, user.groups);
}

/** Read who a token is for. The signature is the API's to check, not the page's. */
export function readUser(accessToken: string): User {
  const claims = readClaims(accessToken);
  const groups = claims["cognito:groups"];
  const name = [claims.username, claims["cognito:username"], claims.sub].find(
    (claim): claim is string => typeof claim === "string",
  );
  return {
    name: name ?? texts.rights.unknownUser,
    groups: Array.isArray(groups) ? groups.filter((group): group is string => typeof group === "string") : [],
  };
}

const BASE64_URL = /^(?:[\w-]{4})*(?:[\w-]{2,3})?$/;

function readClaims(token: string): Record<string, unknown> {
  const payload = token.split(".")[1];
  if (payload === undefined || !BASE64_URL.test(payload)) return {};
  const text = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  try {
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
