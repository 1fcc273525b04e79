import { delay, http, HttpResponse } from "msw";
import { describe, expect, it, vi } from "vitest";
import { API, problem } from "../testing/fake-api";
import { server } from "../testing/server";
import { createApi, type Tokens } from "./client";
import { ApiError } from "./errors";

const TOKENS: Tokens = { current: () => Promise.resolve("good"), renew: () => Promise.resolve("new") };
const FLOWS = `${API}/v1/flows`;

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe("get", () => {
  it("sends the token and leaves out parameters that are not set", async () => {
    server.use(
      http.get(FLOWS, ({ request }) =>
        HttpResponse.json([request.headers.get("Authorization"), new URL(request.url).search]),
      ),
    );
    const answer = await createApi(`${API}/`, TOKENS).get("/v1/flows", {
      query: { cursor: undefined, name: "a b", limit: 5, status: ["draft", "archived"] },
    });
    expect(answer).toEqual(["Bearer good", "?name=a%20b&limit=5&status=draft,archived"]);
  });

  it("asks with the ETag and returns the very same object when nothing changed", async () => {
    const seen: (string | null)[] = [];
    server.use(
      http.get(FLOWS, ({ request }) => {
        const tag = request.headers.get("If-None-Match");
        seen.push(tag);
        return tag === '"1"'
          ? new HttpResponse(null, { status: 304 })
          : HttpResponse.json({ flows: [] }, { headers: { ETag: '"1"' } });
      }),
    );
    const api = createApi(API, TOKENS);
    const first = await api.get("/v1/flows");
    expect(await api.get("/v1/flows")).toBe(first);
    expect(seen).toEqual([null, '"1"']);
  });

  it("keeps answers of different parameters apart", async () => {
    server.use(
      http.get(FLOWS, ({ request }) =>
        HttpResponse.json(new URL(request.url).searchParams.getAll("name"), { headers: { ETag: '"same"' } }),
      ),
    );
    const api = createApi(API, TOKENS);
    const asked = ["a", "b"].map((name) => api.get("/v1/flows", { query: { name } }));
    expect(await Promise.all(asked)).toEqual([["a"], ["b"]]);
  });

  it("can be given up, and says so as fetch does", async () => {
    server.use(http.get(FLOWS, () => delay("infinite")));
    const controller = new AbortController();
    const asked = createApi(API, TOKENS).get("/v1/flows", { signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("a refused token", () => {
  it("is renewed once, and the request repeated", async () => {
    const renew = vi.fn(() => Promise.resolve("new"));
    server.use(
      http.post(FLOWS, ({ request }) =>
        request.headers.get("Authorization") === "Bearer new"
          ? HttpResponse.json({ id: "flow_1" }, { status: 201 })
          : HttpResponse.json({ message: "Unauthorized" }, { status: 401 }),
      ),
    );
    const api = createApi(API, { ...TOKENS, renew });
    expect(await api.post("/v1/flows", { body: { name: "x" } })).toEqual({ id: "flow_1" });
    expect(renew).toHaveBeenCalledExactlyOnceWith("good");
  });

  it("is an error when the new one is refused as well", async () => {
    server.use(http.get(FLOWS, () => HttpResponse.json({ message: "Unauthorized" }, { status: 401 })));
    const error = await failure(createApi(API, TOKENS).get("/v1/flows"));
    expect(error.status).toBe(401);
    expect(error.message).toContain("Sign in again");
  });
});

describe("post", () => {
  it("carries the body and the key that makes a repeat harmless", async () => {
    server.use(
      http.post(FLOWS, async ({ request }) =>
        HttpResponse.json([await request.json(), request.headers.get("Idempotency-Key")]),
      ),
    );
    const answer = await createApi(API, TOKENS).post("/v1/flows", {
      body: { name: "x" },
      header: { "Idempotency-Key": "k" },
    });
    expect(answer).toEqual([{ name: "x" }, "k"]);
  });

  it("puts what is in a path into it as one part, whatever it is", async () => {
    const seen: string[] = [];
    server.use(
      http.post(`${API}/*`, ({ request }) => {
        seen.push(new URL(request.url).pathname);
        return HttpResponse.json({});
      }),
    );
    const path = { deployment_id: "../{device_id}", device_id: "$&" };
    await createApi(API, TOKENS).post("/v1/deployments/{deployment_id}/targets/{device_id}/skip", { path });
    expect(seen).toEqual(["/api/v1/deployments/..%2F%7Bdevice_id%7D/targets/%24%26/skip"]);
  });
});

describe("errors", () => {
  it("turn a problem's faults into sentences that name the field", async () => {
    const faults = [
      { pointer: "/name", detail: "required, but missing" },
      { pointer: "/definition/nodes/0/a~1b", detail: "unknown key" },
      { pointer: "", detail: "the body is empty." },
    ];
    server.use(http.get(FLOWS, () => problem(422, "invalid-request", "3 faults were found; see errors", faults)));
    const error = await failure(createApi(API, TOKENS).get("/v1/flows"));
    expect(error.message).toBe("3 faults were found; see errors.");
    expect(error.faults).toEqual([
      "Name: required, but missing.",
      "Definition › nodes › 0 › a/b: unknown key.",
      "The body is empty.",
    ]);
    expect([error.code, error.requestId, error.passing]).toEqual(["invalid-request", "req-1", false]);
  });

  it("tell when to come back", async () => {
    server.use(http.get(FLOWS, () => problem(503, "unavailable", "busy", [], { "Retry-After": "7" })));
    const error = await failure(createApi(API, TOKENS).get("/v1/flows"));
    expect([error.retryAfter, error.passing]).toEqual([7, true]);
  });

  it.each([
    ["a page of a proxy", new Response("<html>", { status: 502 }), "in trouble (502)"],
    [
      "a problem that is no JSON",
      new Response("{", { status: 400, headers: { "Content-Type": "application/problem+json" } }),
      "(400)",
    ],
    [
      "a problem that is no object",
      new Response("7", { status: 403, headers: { "Content-Type": "application/problem+json" } }),
      "not allowed",
    ],
  ])("have a sentence for %s", async (_name, response, sentence) => {
    server.use(http.get(FLOWS, () => response));
    expect((await failure(createApi(API, TOKENS).get("/v1/flows"))).message).toContain(sentence);
  });

  it("say that nothing answered", async () => {
    server.use(http.get(FLOWS, () => HttpResponse.error()));
    const error = await failure(createApi(API, TOKENS).get("/v1/flows"));
    expect([error.status, error.code, error.passing]).toEqual([0, "unreachable", true]);
  });

  it.each(["not JSON", "", null])("do not let a success that cannot be read pass: %j", async (body) => {
    server.use(http.get(FLOWS, () => new Response(body, { status: 200 })));
    const error = await failure(createApi(API, TOKENS).get("/v1/flows"));
    expect([error.status, error.code]).toEqual([200, "unreadable"]);
  });
});
