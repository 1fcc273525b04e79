// Calls that do not keep to docs/openapi.json do not compile. `npm run types` proves it: where the compiler finds nothing
// wrong below a `@ts-expect-error`, that itself is an error.

import { expect, it, vi } from "vitest";
import type { Api } from "./client";
import type { DeploymentSummary, Flow, Page } from "./types";

const route = vi.fn(() => Promise.resolve({}));
const api = { get: route, post: route, put: route, patch: route } as unknown as Api;
const path = { flow_id: "flow_1" };

it("holds calls to the document's paths, parameters and bodies", async () => {
  const calls = [
    // @ts-expect-error -- no such path
    api.get("/v1/flow/{flow_id}", { path }),
    // @ts-expect-error -- that path does not take this method
    api.patch("/v1/flows", { body: { name: "x" } }),
    // @ts-expect-error -- what the path has to hold is missing
    api.get("/v1/flows/{flow_id}"),
    // @ts-expect-error -- it has another name
    api.get("/v1/flows/{flow_id}", { path: { id: "flow_1" } }),
    // @ts-expect-error -- no such parameter
    api.get("/v1/flows", { query: { limit: 5, text: "x" } }),
    // @ts-expect-error -- no such value
    api.get("/v1/flows", { query: { sort: "name" } }),
    // @ts-expect-error -- no such header there
    api.post("/v1/flows", { body: { name: "x" }, header: { "If-Match": "1" } }),
    // @ts-expect-error -- the body is missing
    api.post("/v1/flows"),
    // @ts-expect-error -- it lacks a key
    api.put("/v1/flows/{flow_id}", { path, body: { description: "x" } }),
    // @ts-expect-error -- no such key
    api.post("/v1/deployments/{deployment_id}/retry", { path: { deployment_id: "d" }, body: { except: ["failed"] } }),
    // @ts-expect-error -- no body there
    api.post("/v1/flows/{flow_id}/publish", { path, body: {} }),
    // @ts-expect-error -- it answers something else
    api.get("/v1/flows/{flow_id}", { path }) as Promise<Page<"deployments", DeploymentSummary>>,
    api.get("/v1/flows/{flow_id}", { path }) as Promise<Flow>,
    api.get("/v1/flows", { query: { cursor: undefined, status: ["draft"] } }),
    api.put("/v1/flows/{flow_id}", { path, header: { "If-Match": undefined }, body: { name: "x", definition: {} } }),
  ];
  await Promise.all(calls);
  expect(route).toHaveBeenCalledTimes(calls.length);
});
