import { http, HttpResponse } from "msw";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fakeToken } from "../testing/tokens";
import { server } from "../testing/server";
import type { Config } from "./config";
import { challengeOf } from "./pkce";
import { Session, SignInError } from "./session";

const CONFIG: Config = {
  api_url: "https://api.test/api",
  authorize_url: "https://auth.test/oauth2/authorize",
  token_url: "https://auth.test/oauth2/token",
  logout_url: "https://auth.test/logout",
  client_id: "console",
  scopes: ["openid", "edgeflow/read"],
};
const HOUR = 3_600;

/** The token address: keeps what it was sent, and answers with these in turn. */
function tokenService(...answers: Response[]): URLSearchParams[] {
  const asked: URLSearchParams[] = [];
  server.use(
    http.post(CONFIG.token_url, async ({ request }) => {
      asked.push(new URLSearchParams(await request.text()));
      return answers.shift() ?? new HttpResponse(null, { status: 500 });
    }),
  );
  return asked;
}

function tokens(access: string, seconds: number, refresh?: string): Response {
  return HttpResponse.json({
    access_token: access,
    expires_in: seconds,
    ...(refresh ? { refresh_token: refresh } : {}),
  });
}

afterEach(() => {
  vi.useRealTimers();
});

async function signedIn(onEnded = vi.fn()): Promise<Session> {
  const session = new Session(CONFIG, onEnded);
  const address = new URL(await session.begin("/fleet"));
  await session.complete(back({ code: "c", state: address.searchParams.get("state") ?? "" }));
  return session;
}

function back(parameters: Record<string, string>): URL {
  return new URL(`https://console.test/?${new URLSearchParams(parameters).toString()}`);
}

describe("signing in", () => {
  it("goes to the sign-in page with a challenge, and proves it with the verifier", async () => {
    const asked = tokenService(tokens(fakeToken({ username: "alice" }), HOUR, "r1"));
    const session = new Session(CONFIG, vi.fn());
    const address = new URL(await session.begin("/rollouts?status=failed"));
    const sent = address.searchParams;
    expect(address.origin + address.pathname).toBe(CONFIG.authorize_url);
    expect(Object.fromEntries(sent)).toMatchObject({
      response_type: "code",
      client_id: "console",
      redirect_uri: "https://console.test/",
      scope: "openid edgeflow/read",
      code_challenge_method: "S256",
    });

    const returnTo = await session.complete(back({ code: "the-code", state: sent.get("state") ?? "" }));
    expect(returnTo).toBe("/rollouts?status=failed");
    const exchanged = asked[0];
    expect(exchanged?.get("code")).toBe("the-code");
    expect(await challengeOf(exchanged?.get("code_verifier") ?? "")).toBe(sent.get("code_challenge"));
    expect(session.user?.name).toBe("alice");
  });

  it("stores no token, and nothing of the sign-in once it is done", async () => {
    tokenService(tokens("access", HOUR, "refresh"));
    await signedIn();
    expect([sessionStorage.length, localStorage.length]).toEqual([0, 0]);
  });

  it("leaves any other address alone", async () => {
    expect(await new Session(CONFIG, vi.fn()).complete(new URL("https://console.test/fleet?code=7"))).toBeNull();
  });

  it("refuses an answer that this tab did not ask for", async () => {
    const session = new Session(CONFIG, vi.fn());
    await session.begin("/");
    await expect(session.complete(back({ code: "c", state: "forged" }))).rejects.toThrow(SignInError);
    await expect(new Session(CONFIG, vi.fn()).complete(back({ code: "c", state: "s" }))).rejects.toThrow(SignInError);
  });

  it("says why the sign-in page refused", async () => {
    const session = new Session(CONFIG, vi.fn());
    await session.begin("/");
    const answer = back({ error: "access_denied", error_description: "User is disabled" });
    await expect(session.complete(answer)).rejects.toThrow("User is disabled");
  });

  it("says that a code was not accepted", async () => {
    tokenService(HttpResponse.json({ error: "invalid_grant" }, { status: 400 }));
    await expect(signedIn()).rejects.toThrow("gave no token (400)");
  });
});

describe("a token", () => {
  it("is used until a minute before it ends, then refreshed once for all who ask", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const asked = tokenService(tokens("a1", HOUR, "r1"), tokens("a2", HOUR));
    const session = await signedIn();
    expect(await session.current()).toBe("a1");
    vi.setSystemTime(Date.now() + (HOUR - 59) * 1_000);
    expect(await Promise.all([session.current(), session.current()])).toEqual(["a2", "a2"]);
    expect(asked).toHaveLength(2);
    expect(Object.fromEntries(asked[1] ?? [])).toMatchObject({ grant_type: "refresh_token", refresh_token: "r1" });
  });

  it("that somebody else has renewed already is not renewed again", async () => {
    const asked = tokenService(tokens("a1", HOUR, "r1"), tokens("a2", HOUR));
    const session = await signedIn();
    await session.renew("a1");
    expect(await session.renew("a1")).toBe("a2");
    expect(asked).toHaveLength(2);
  });

  it("that cannot be refreshed ends the session, once, and says so", async () => {
    tokenService(tokens("a1", HOUR, "r1"), HttpResponse.json({ error: "invalid_grant" }, { status: 400 }));
    const onEnded = vi.fn();
    const session = await signedIn(onEnded);
    await expect(session.renew("a1")).rejects.toMatchObject({ status: 401, code: "signed-out" });
    expect(onEnded).toHaveBeenCalledOnce();
    expect(session.user).toBeNull();
    await expect(session.current()).rejects.toMatchObject({ code: "signed-out" });
  });

  it("is kept when the sign-in service is in trouble for a while", async () => {
    tokenService(tokens("a1", HOUR, "r1"), new HttpResponse(null, { status: 503 }), tokens("a2", HOUR));
    const onEnded = vi.fn();
    const session = await signedIn(onEnded);
    await expect(session.renew("a1")).rejects.toMatchObject({ status: 503, passing: true });
    expect(await session.renew("a1")).toBe("a2");
    expect(onEnded).not.toHaveBeenCalled();
  });
});

describe("signing out", () => {
  it("forgets the tokens and leads to the end of the pool's session", async () => {
    tokenService(tokens("a1", HOUR, "r1"));
    const session = await signedIn();
    expect(session.signOut()).toBe(
      "https://auth.test/logout?client_id=console&logout_uri=https%3A%2F%2Fconsole.test%2F",
    );
    expect(session.user).toBeNull();
  });
});
