import { texts } from "../texts";
import type { Problem } from "./types";

/** One thing wrong with a request; `detail` is a sentence. */
export type Fault = { pointer: string; detail: string };

/** An answer from 400 on, or none at all (`status` 0). `message` is one sentence, `faults` are all the others. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly faults: readonly string[];
  /** The same faults, each with the JSON pointer of what it is about, for whoever can show it there. */
  readonly places: readonly Fault[];
  readonly requestId: string | null;
  /** Seconds, when the API named a time to come back. */
  readonly retryAfter: number | null;

  constructor(fields: {
    status: number;
    code: string;
    message: string;
    faults?: readonly string[];
    places?: readonly Fault[];
    requestId?: string | null;
    retryAfter?: number | null;
  }) {
    super(fields.message);
    this.name = "ApiError";
    this.status = fields.status;
    this.code = fields.code;
    this.faults = fields.faults ?? [];
    this.places = fields.places ?? [];
    this.requestId = fields.requestId ?? null;
    this.retryAfter = fields.retryAfter ?? null;
  }

  /** Asking again later can help: nothing answered, or the API said so. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Read an answer that is no success. */
export async function readError(response: Response): Promise<ApiError> {
  const retryAfter = readSeconds(response.headers.get("Retry-After"));
  const problem = await readProblem(response);
  if (problem === null) {
    return new ApiError({
      status: response.status,
      code: "unknown",
      message: texts.errors.byStatus(response.status),
      retryAfter,
    });
  }
  return new ApiError({
    status: response.status,
    code: problem.code,
    message: sentence(problem.detail || problem.title),
    faults: problem.errors.map((fault) => sentence(`${place(fault.pointer)}${fault.detail}`)),
    places: problem.errors.map(({ pointer, detail }) => ({ pointer, detail: sentence(detail) })),
    requestId: problem.request_id,
    retryAfter,
  });
}

/** Return what went wrong as an `ApiError`; `fetch` itself tells no more than that nothing answered. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({ status: 0, code: "unreachable", message: texts.errors.unreachable });
}

/** What came in place of an answer; its code can be one that is not known here. */
type Read = Omit<Problem, "code" | "more_errors"> & { code: string };

async function readProblem(response: Response): Promise<Read | null> {
  if (!response.headers.get("Content-Type")?.startsWith("application/problem+json")) return null;
  let body: unknown;
  try {
    body = await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof body !== "object" || body === null) return null;
  const problem = body as Partial<Problem>;
  return {
    type: problem.type ?? "",
    title: problem.title ?? texts.errors.byStatus(response.status),
    status: response.status,
    code: problem.code ?? "unknown",
    detail: problem.detail ?? "",
    errors: problem.errors ?? [],
    request_id: problem.request_id ?? null,
  };
}

/** `/definition/nodes/0/type` → `definition › nodes › 0 › type: ` */
function place(pointer: string): string {
  const parts = pointer.split("/").filter((part) => part !== "");
  if (parts.length === 0) return "";
  return `${parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~")).join(" › ")}: `;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const ended = /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

function readSeconds(header: string | null): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
