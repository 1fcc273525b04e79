import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { challengeOf, newState, newVerifier } from "./pkce";

describe("proof key for code exchange", () => {
  it("makes the challenge of RFC 7636, appendix B", async () => {
    expect(await challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe(
      "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
  });

  it("makes verifiers of allowed characters and length, never the same", () => {
    const verifiers = Array.from({ length: 200 }, newVerifier);
    for (const verifier of verifiers) expect(verifier).toMatch(/^[A-Za-z0-9._~-]{43,128}$/);
    expect(new Set(verifiers).size).toBe(verifiers.length);
    expect(newState()).not.toBe(newState());
  });

  it("makes challenges that need no escaping in an address", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 43, maxLength: 128 }), async (verifier) => {
        expect(await challengeOf(verifier)).toMatch(/^[A-Za-z0-9_-]{43}$/);
      }),
    );
  });
});
