// The REST API as the console sees it: what it holds is put in by whoever uses it, and its answers are paged, tagged
// and refused as docs/api.md has it.

import { http, HttpResponse, type HttpHandler } from "msw";
import type {
  Definition,
  Deployment,
  DeploymentEvent,
  Device,
  DeviceDeployment,
  Flow,
  FlowEvent,
  Target,
  Version,
} from "../api/types";

import { isAskedFor, summarise } from "./fake-fleet";
import { deployment, flow } from "./fixtures";
import { NODE_TYPES } from "./node-types";

export const API = "https://api.test/api";

export type Asked = { method: string; path: string; query: URLSearchParams; headers: Headers; body: unknown };

export class FakeApi {
  deployments: Deployment[] = [];
  targets = new Map<string, Target[]>();
  events = new Map<string, (DeploymentEvent | FlowEvent)[]>();
  devices: Device[] = [];
  flows: Flow[] = [];
  versions: Version[] = [];
  /** Every request so far. */
  readonly asked: Asked[] = [];
  /** Answers given in place of the next ones: of each method and path, the first in the list comes first. */
  readonly refusals = new Map<string, Response[]>();

  /** How often this was asked for. */
  count(method: string, path: string): number {
    return this.asked.filter((asked) => asked.method === method && asked.path === path).length;
  }

  handlers(): HttpHandler[] {
    return [http.all(`${API}/v1/*`, ({ request }) => this.#answer(request))];
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = decodeURIComponent(url.pathname.replace("/api", ""));
    const query = url.searchParams;
    const text = await request.text();
    const sent: unknown = text === "" ? undefined : JSON.parse(text);
    this.asked.push({ method: request.method, path, query, headers: request.headers, body: sent });
    if (!request.headers.get("Authorization")?.startsWith("Bearer ")) return new Response(null, { status: 401 });
    const refusal = this.refusals.get(`${request.method} ${path}`)?.shift();
    if (refusal) return refusal;
    const body =
      request.method === "GET" ? this.#read(path, query) : this.#change(path, sent, request.headers.get("If-Match"));
    if (body === null) return problem(404, "not-found", `there is nothing at ${path}`);
    if (body instanceof Response) return body;
    return tagged(body, request);
  }

  #read(path: string, query: URLSearchParams): object | null {
    const [, , kind, id, part, number] = path.split("/");
    const status = query.get("status");
    const wave = query.get("wave");
    switch (`${kind ?? ""} ${part ?? (id === undefined ? "list" : "one")}`) {
      case "deployments list":
        return page(
          "deployments",
          this.#listed(query.get("device_id")).filter((one) => status === null || one.status === status),
          query,
        );
      case "deployments one":
        return this.#deployment(id);
      case "deployments targets":
        return page(
          "targets",
          (this.targets.get(id ?? "") ?? []).filter(
            (one) => (status === null || one.status === status) && (wave === null || one.wave === Number(wave)),
          ),
          query,
        );
      case "deployments events":
      case "flows events":
        return page("events", this.events.get(id ?? "") ?? [], query);
      case "devices list":
        return page(
          "devices",
          this.devices.filter((one) => isAskedFor(one, query)),
          query,
        );
      case "devices one":
        if (id === "summary") return summarise(this.devices);
        return this.devices.find((one) => one.device_id === id) ?? null;
      case "node-types list":
        return { node_types: NODE_TYPES };
      case "flows list":
        return page(
          "flows",
          this.flows
            .filter((one) => this.#isWanted(one, query))
            .toSorted((one, other) =>
              query.get("sort") === "oldest" ? one.created_at.localeCompare(other.created_at) : 0,
            ),
          query,
        );
      case "flows one":
        return this.flows.find((one) => one.id === id) ?? null;
      case "flows versions": {
        const all = this.versions.filter((one) => one.flow_id === id);
        return number === undefined
          ? page("versions", all, query)
          : (all.find((one) => one.version === Number(number)) ?? null);
      }
      default:
        return null;
    }
  }

  /** All deployments, or those that have a device among their targets, each with that. */
  #listed(deviceId: string | null): DeviceDeployment[] {
    return this.deployments.flatMap((one) => {
      const target = (this.targets.get(one.id) ?? []).find((each) => each.device_id === deviceId) ?? null;
      return deviceId === null || target !== null ? [{ ...one, target }] : [];
    });
  }

  #isWanted(flow: Flow, query: URLSearchParams): boolean {
    const [tag, from, to] = [query.get("tag"), query.get("created_from"), query.get("created_to")];
    const states = query.get("status")?.split(",");
    return (
      (states === undefined ? flow.status !== "archived" : states.includes(flow.status)) &&
      flow.name.toLowerCase().includes(query.get("name")?.toLowerCase() ?? "") &&
      (tag === null || flow.tags.includes(tag)) &&
      (from === null || flow.created_at >= from) &&
      (to === null || flow.created_at < to)
    );
  }

  #change(path: string, sent: unknown, ifMatch: string | null): object | null {
    if (path.startsWith("/v1/flows")) return this.#changeFlow(path, sent as Partial<Flow> | undefined, ifMatch);
    if (path === "/v1/deployments") return this.#create(sent as Partial<Deployment> & { target_devices: string[] });
    const [, , kind, id, action, deviceId] = path.split("/");
    const found = kind === "deployments" ? this.#deployment(id) : null;
    if (found === null) return null;
    const became = {
      start: "running",
      pause: "paused",
      resume: "running",
      promote: "running",
      cancel: "cancelling",
      rollback: "rolling_back",
    } as const;
    if (action === "targets") return this.#giveUp(found.id, deviceId);
    if (action === "retry") return { ...found, id: `${found.id}-again`, retry_of: found.id, status: "running" };
    if (action === undefined || !(action in became)) return null;
    const changed: Deployment = {
      ...found,
      status: became[action as keyof typeof became],
      status_reason: `${action} by alice`,
    };
    this.deployments = this.deployments.map((one) => (one.id === changed.id ? changed : one));
    return changed;
  }

  #changeFlow(path: string, sent: Partial<Flow> = {}, ifMatch: string | null): object | null {
    const [, , , id, action] = path.split("/");
    if (id === undefined) {
      const created = flow({ ...sent, id: "flow_new", status: "draft", latest_version: null, open_deployments: [] });
      this.flows = [{ ...created, definition: sent.definition ?? EMPTY }, ...this.flows];
      return this.flows[0] ?? null;
    }
    const found = this.flows.find((one) => one.id === id);
    if (found === undefined) return null;
    if (ifMatch !== null && ifMatch !== etagOf(found)) {
      return problem(412, "precondition-failed", "the flow has changed since it was read");
    }
    const next = (found.latest_version ?? 0) + 1;
    const changes: Partial<Flow> =
      action === "publish"
        ? { status: "published", latest_version: next }
        : action === "draft"
          ? { status: "draft" }
          : { ...sent };
    const changed: Flow = { ...found, ...changes };
    this.flows = this.flows.map((one) => (one.id === id ? changed : one));
    return changed;
  }

  #create({ target_devices: devices, ...sent }: Partial<Deployment> & { target_devices: string[] }): Deployment {
    const created = deployment({ ...sent, id: "dep_new", total_targets: devices.length });
    this.deployments = [created, ...this.deployments];
    return created;
  }

  #giveUp(id: string, deviceId: string | undefined): Target | null {
    const all = this.targets.get(id) ?? [];
    const target = all.find((one) => one.device_id === deviceId);
    if (target === undefined) return null;
    const given: Target = { ...target, status: "failed", reason: "given_up", message: "alice gave up on it" };
    this.targets.set(
      id,
      all.map((one) => (one === target ? given : one)),
    );
    return given;
  }

  #deployment(id: string | undefined): Deployment | null {
    return this.deployments.find((one) => one.id === id) ?? null;
  }
}

export function problem(
  status: number,
  code: string,
  detail: string,
  errors: { pointer: string; detail: string }[] = [],
  headers: Record<string, string> = {},
): Response {
  const body = { type: `urn:edgeflow:problem:${code}`, title: code, status, code, detail, errors, request_id: "req-1" };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

function page(name: string, items: readonly object[], query: URLSearchParams): object {
  const start = Number(query.get("cursor") ?? 0);
  const end = start + Number(query.get("limit") ?? 50);
  return { [name]: items.slice(start, end), next_cursor: end < items.length ? String(end) : null };
}

const EMPTY: Definition = { nodes: [], connections: [], variables: [], health_checks: [] };

function etagOf(body: object): string {
  let sum = 0;
  for (const character of JSON.stringify(body)) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return `"${sum.toString(16)}"`;
}

function tagged(body: object, request: Request): Response {
  const text = JSON.stringify(body);
  const etag = etagOf(body);
  if (request.headers.get("If-None-Match") === etag)
    return new Response(null, { status: 304, headers: { ETag: etag } });
  return new HttpResponse(text, { headers: { "Content-Type": "application/json", ETag: etag } });
}
