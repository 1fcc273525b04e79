import createClient, {
  type Client,
  type ClientPathsWithMethod,
  type FetchResponse,
  type RequestBodyOption,
} from "openapi-fetch";
import type { paths } from "../../generated/schema";
import { ApiError, asApiError, readError } from "./errors";

/** Where access tokens come from. */
export type Tokens = {
  /** A token that is good for now; refreshed first when it is about to end. */
  current: () => Promise<string>;
  /** The API refused this token: get another. */
  renew: (refused: string) => Promise<string>;
};

type Method = "get" | "post" | "put" | "patch";
type Path<M extends Method> = ClientPathsWithMethod<Client<paths>, M>;
type Operation<M extends Method, P extends Path<M>> = paths[P][M];

/** What is optional may be there without a value as well: it is not sent then. */
type Loose<Parameters> = {
  [Name in keyof Parameters]: Partial<Pick<Parameters, Name>> extends Pick<Parameters, Name>
    ? Parameters[Name] | undefined
    : Parameters[Name];
};

/** What the document takes there: parameters by where they stand (`path`, `query`, `header`), and a `body`. */
type Asked<O> = (O extends { parameters: infer Parameters }
  ? { [Place in keyof Parameters]: Loose<Parameters[Place]> }
  : never) &
  Loose<RequestBodyOption<O>>;

/** What the document answers there with success. */
type Answer<O> = O extends object ? NonNullable<FetchResponse<O, object, "application/json">["data"]> : never;

type Init<Given, Options = object> = Partial<Given> extends Given ? [init?: Given & Options] : [init: Given & Options];

type Call<M extends Method, Options = object> = <P extends Path<M>>(
  path: P,
  ...init: Init<Asked<Operation<M, P>>, Options>
) => Promise<Answer<Operation<M, P>>>;

/** The API's routes as docs/openapi.json has them: another path, parameter or body does not compile. */
export type Api = {
  /** When nothing changed since the last time, the very same object is returned. */
  get: Call<"get", { signal?: AbortSignal | undefined }>;
  post: Call<"post">;
  put: Call<"put">;
  patch: Call<"patch">;
  /** The ETag that an answer came with: this very object, no copy of it. */
  etagOf: (answer: object) => string | undefined;
};

/** As `Asked`, of any route: what is passed on needs no type of its own. */
type Passed = {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  header?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal | undefined;
};

const MAX_KEPT = 200; // answers with an ETag; the oldest goes first

type Kept = { etag: string; body: object };

/** Return a client of the REST API at `baseUrl` (it ends before `/v1`). Throws `ApiError`. */
export function createApi(baseUrl: string, tokens: Tokens): Api {
  const kept = new Map<string, Kept>();
  const etags = new WeakMap<object, string>();
  const client = createClient<Record<string, Record<Method, object>>>({
    baseUrl: baseUrl.replace(/\/+$/, ""),
    querySerializer: { array: { style: "form", explode: false } }, // several values have commas between them
    // The client keeps answers itself: the browser's own store would turn a 304 into a 200.
    cache: "no-store",
    fetch: (request) => fetchSigned(request, tokens),
  });

  async function ask(method: Method, path: string, { signal, body, ...params }: Passed) {
    const sent = { params, ...(signal ? { signal } : {}), ...(body === undefined ? {} : { body }) };
    const { data, response } = await client
      .request(method, path, sent as Record<string, unknown>)
      .catch((error: unknown) => {
        throw error instanceof SyntaxError ? unreadable(200) : error;
      });
    return { body: data as object | undefined, response };
  }

  /** Return the body of a success, which has to have one, and remember its ETag. */
  function tagged({ body, response }: Awaited<ReturnType<typeof ask>>): object {
    if (body === undefined) throw unreadable(response.status);
    const etag = response.headers.get("ETag");
    if (etag !== null) etags.set(body, etag);
    return body;
  }

  async function get(path: string, { signal, ...params }: Passed = {}): Promise<object> {
    const key = JSON.stringify([path, params]);
    const before = kept.get(key);
    const answer = await ask("get", path, {
      ...params,
      ...(before ? { header: { ...params.header, "If-None-Match": before.etag } } : {}),
      signal,
    });
    if (answer.response.status === 304 && before) return before.body;
    const body = tagged(answer);
    remember(kept, key, answer.response.headers.get("ETag"), body);
    return body;
  }

  const sendBy =
    (method: Method) =>
    async (path: string, init: Passed = {}) =>
      tagged(await ask(method, path, init));

  const api = { get, post: sendBy("post"), put: sendBy("put"), patch: sendBy("patch") };
  // Each of these is what `Api` says of it, for whoever keeps to the document.
  return { ...(api as unknown as Omit<Api, "etagOf">), etagOf: (answer) => etags.get(answer) };
}

/** Send in the name of whoever is signed in; a token that is refused is renewed once. What is no success is thrown. */
async function fetchSigned(request: Request, tokens: Tokens): Promise<Response> {
  const token = await tokens.current();
  const first = await attempt(request.clone(), token);
  const response = first.status === 401 ? await attempt(request, await tokens.renew(token)) : first;
  const unchanged = response.status === 304 && request.headers.has("If-None-Match");
  if (!response.ok && !unchanged) throw await readError(response);
  return response;
}

async function attempt(request: Request, token: string): Promise<Response> {
  request.headers.set("Authorization", `Bearer ${token}`);
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw asApiError(error);
  }
}

function unreadable(status: number): ApiError {
  return new ApiError({ status, code: "unreadable", message: asApiError(null).message });
}

function remember(kept: Map<string, Kept>, key: string, etag: string | null, body: object): void {
  kept.delete(key);
  if (etag === null) return;
  kept.set(key, { etag, body });
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_KEPT) break;
    kept.delete(oldest);
  }
}
