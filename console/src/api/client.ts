import { ApiError, asApiError, readError } from "./errors";

/** Where access tokens come from. */
export type Tokens = {
  /** A token that is good for now; refreshed first when it is about to end. */
  current: () => Promise<string>;
  /** The API refused this token: get another. */
  renew: (refused: string) => Promise<string>;
};

export type Query = Record<string, string | number | undefined>;

export type SendOptions = {
  body?: unknown;
  /** Makes a repeat of the request harmless. */
  idempotencyKey?: string;
  /** Only if the resource still has this ETag; the API answers 412 otherwise. */
  ifMatch?: string;
};

export type Api = {
  /** `GET`. When nothing changed since the last time, the very same object is returned. */
  get: (path: string, query?: Query, signal?: AbortSignal) => Promise<unknown>;
  send: (method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, options?: SendOptions) => Promise<unknown>;
  /** The ETag that an answer of `get` or `send` came with: this very object, no copy of it. */
  etagOf: (answer: unknown) => string | undefined;
};

const MAX_KEPT = 200; // answers with an ETag; the oldest goes first

type Kept = { etag: string; body: unknown };

/** Return a client of the REST API at `baseUrl` (it ends before `/v1`). Throws `ApiError`. */
export function createApi(baseUrl: string, tokens: Tokens): Api {
  const kept = new Map<string, Kept>();
  const etags = new WeakMap<object, string>();

  async function readTagged(response: Response): Promise<unknown> {
    const body = await read(response);
    const etag = response.headers.get("ETag");
    if (etag !== null && typeof body === "object" && body !== null) etags.set(body, etag);
    return body;
  }

  async function request(url: string, init: RequestInit): Promise<Response> {
    const token = await tokens.current();
    const first = await attempt(url, init, token);
    if (first.status !== 401) return first;
    return attempt(url, init, await tokens.renew(token));
  }

  return {
    async get(path, query = {}, signal) {
      const url = address(baseUrl, path, query);
      const before = kept.get(url);
      const response = await request(url, {
        headers: before ? { "If-None-Match": before.etag } : {},
        ...(signal ? { signal } : {}),
      });
      if (response.status === 304 && before) return before.body;
      const body = await readTagged(response);
      remember(kept, url, response.headers.get("ETag"), body);
      return body;
    },

    async send(method, path, { body, idempotencyKey, ifMatch } = {}) {
      const headers: Record<string, string> = {};
      if (body !== undefined) headers["Content-Type"] = "application/json";
      if (idempotencyKey !== undefined) headers["Idempotency-Key"] = idempotencyKey;
      if (ifMatch !== undefined) headers["If-Match"] = ifMatch;
      const response = await request(address(baseUrl, path, {}), {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return readTagged(response);
    },

    etagOf(answer) {
      return typeof answer === "object" && answer !== null ? etags.get(answer) : undefined;
    },
  };
}

async function attempt(url: string, init: RequestInit, token: string): Promise<Response> {
  try {
    return await fetch(url, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), Authorization: `Bearer ${token}` },
      // The client keeps answers itself: the browser's own store would turn a 304 into a 200.
      cache: "no-store",
    });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw asApiError(error);
  }
}

async function read(response: Response): Promise<unknown> {
  if (!response.ok) throw await readError(response);
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ApiError({ status: response.status, code: "unreadable", message: asApiError(error).message });
  }
}

function address(baseUrl: string, path: string, query: Query): string {
  const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
  const search = given.length ? `?${new URLSearchParams(given).toString()}` : "";
  return `${baseUrl.replace(/\/+$/, "")}${path}${search}`;
}

function remember(kept: Map<string, Kept>, url: string, etag: string | null, body: unknown): void {
  kept.delete(url);
  if (etag === null) return;
  kept.set(url, { etag, body });
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_KEPT) break;
    kept.delete(oldest);
  }
}
