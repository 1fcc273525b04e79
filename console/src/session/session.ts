import { ApiError } from "../api/errors";
import type { Tokens } from "../api/client";
import { texts } from "../texts";
import type { Config } from "./config";
import { challengeOf, newState, newVerifier } from "./pkce";
import { readUser, type User } from "./rights";

/** What of a sign-in must survive the visit to the sign-in pages. Tokens are never stored. */
const PENDING = "edgeflow.sign-in";
const REFRESH_AHEAD = 60_000; // milliseconds before the access token ends

type Pending = { state: string; verifier: string; returnTo: string };
type Held = { access: string; refresh: string | null; endsAt: number };

export class SignInError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SignInError";
  }
}

/** The browser's side of OAuth 2: authorization code with PKCE, tokens in memory, refreshed before they end. */
export class Session implements Tokens {
  readonly #config: Config;
  readonly #onEnded: () => void;
  #held: Held | null = null;
  #refreshing: Promise<string> | null = null;

  /** `onEnded` is told when the session ended by itself and cannot be refreshed. */
  constructor(config: Config, onEnded: () => void) {
    this.#config = config;
    this.#onEnded = onEnded;
  }

  /** Null until somebody is signed in. */
  get user(): User | null {
    return this.#held ? readUser(this.#held.access) : null;
  }

  /** Return the address of the sign-in page, and keep what its answer will be checked against. */
  async begin(returnTo: string): Promise<string> {
    const pending: Pending = { state: newState(), verifier: newVerifier(), returnTo };
    sessionStorage.setItem(PENDING, JSON.stringify(pending));
    const address = new URL(this.#config.authorize_url);
    address.search = new URLSearchParams({
      response_type: "code",
      client_id: this.#config.client_id,
      redirect_uri: redirectUri(),
      scope: this.#config.scopes.join(" "),
      state: pending.state,
      code_challenge: await challengeOf(pending.verifier),
      code_challenge_method: "S256",
    }).toString();
    return address.toString();
  }

  /**
   * Finish a sign-in when this is the address that the sign-in pages sent the browser back to.
   * Returns the path to go on at, null when it is any other address. Throws `SignInError`.
   */
  async complete(address: URL): Promise<string | null> {
    const answer = address.searchParams;
    const error = answer.get("error");
    const code = answer.get("code");
    const state = answer.get("state");
    if (error === null && (code === null || state === null)) return null;
    const pending = takePending();
    if (error !== null) throw new SignInError(texts.signIn.refused(answer.get("error_description") ?? error));
    if (pending?.state !== state) throw new SignInError(texts.signIn.notFromHere);
    await this.#exchange({
      grant_type: "authorization_code",
      code: code ?? "",
      redirect_uri: redirectUri(),
      code_verifier: pending.verifier,
    });
    return pending.returnTo;
  }

  async current(): Promise<string> {
    if (this.#held === null) throw ended();
    const ahead = this.#held.refresh === null ? 0 : REFRESH_AHEAD;
    if (Date.now() < this.#held.endsAt - ahead) return this.#held.access;
    return this.renew(this.#held.access);
  }

  async renew(refused: string): Promise<string> {
    if (this.#held !== null && this.#held.access !== refused) return this.#held.access; // somebody else was quicker
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /** Forget the tokens; returns where to go so that the sign-in pages forget the user as well, null for nowhere. */
  signOut(): string | null {
    this.#held = null;
    if (this.#config.logout_url === null) return null;
    const address = new URL(this.#config.logout_url);
    address.search = new URLSearchParams({ client_id: this.#config.client_id, logout_uri: redirectUri() }).toString();
    return address.toString();
  }

  async #refresh(): Promise<string> {
    const refresh = this.#held?.refresh ?? null;
    if (refresh === null) return this.#end();
    try {
      return await this.#exchange({ grant_type: "refresh_token", refresh_token: refresh });
    } catch (error) {
      if (error instanceof SignInError) return this.#end();
      throw error;
    }
  }

  #end(): never {
    this.#held = null;
    this.#onEnded();
    throw ended();
  }

  async #exchange(fields: Record<string, string>): Promise<string> {
    let response: Response;
    try {
      response = await fetch(this.#config.token_url, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ ...fields, client_id: this.#config.client_id }).toString(),
        cache: "no-store",
      });
    } catch {
      throw new ApiError({ status: 0, code: "unreachable", message: texts.signIn.unreachable });
    }
    if (response.status >= 500) {
      throw new ApiError({ status: response.status, code: "unavailable", message: texts.signIn.unreachable });
    }
    const body: unknown = response.ok ? await response.json() : null;
    const tokens = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
    const access = tokens.access_token;
    if (typeof access !== "string") throw new SignInError(texts.signIn.noToken(response.status));
    const refresh = tokens.refresh_token;
    const seconds = typeof tokens.expires_in === "number" ? tokens.expires_in : 300;
    this.#held = {
      access,
      // A refresh answers without a new refresh token unless the pool rotates them.
      refresh: typeof refresh === "string" ? refresh : (this.#held?.refresh ?? null),
      endsAt: Date.now() + seconds * 1_000,
    };
    return access;
  }
}

function takePending(): Pending | null {
  const kept = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  return kept === null ? null : (JSON.parse(kept) as Pending);
}

function redirectUri(): string {
  return `${window.location.origin}/`;
}

function ended(): ApiError {
  return new ApiError({ status: 401, code: "signed-out", message: texts.signIn.ended });
}
