import { createRootRoute, createRoute, createRouter, redirect, type RouterHistory } from "@tanstack/react-router";
import type { DeploymentStatus } from "./api/types";
import { DEPLOYMENT_STATUSES } from "./api/values";
import { DevicePage } from "./fleet/device-page";
import { readFilters, type FleetFilters } from "./fleet/filters";
import { FleetPage } from "./fleet/fleet-page";
import { EditFlowPage } from "./flows/edit-flow-page";
import { readFilters as readFlowFilters, type FlowFilters } from "./flows/filters";
import { FlowPage } from "./flows/flow-page";
import { FlowsPage } from "./flows/flows-page";
import { NewRolloutPage } from "./rollouts/new-rollout-page";
import { RolloutPage } from "./rollouts/rollout-page";
import { RolloutsPage } from "./rollouts/rollouts-page";
import { Shell } from "./shell/shell";
import { CrashPage, NotFoundPage } from "./shell/failure-pages";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage, errorComponent: CrashPage });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/rollouts", replace: true });
  },
});

export const rolloutsRoute = createRoute({
  getParentRoute: () => root,
  path: "/rollouts",
  validateSearch: (search): { status?: DeploymentStatus | undefined } => oneOf("status", search, DEPLOYMENT_STATUSES),
  component: () => {
    const { status } = rolloutsRoute.useSearch();
    const navigate = rolloutsRoute.useNavigate();
    return (
      <RolloutsPage
        status={status}
        onStatus={(next) => {
          void navigate({ search: next ? { status: next } : {}, replace: true });
        }}
      />
    );
  },
});

const newRolloutRoute = createRoute({
  getParentRoute: () => root,
  path: "/rollouts/new",
  validateSearch: (search): { flow?: string | undefined } => ({
    flow: typeof search.flow === "string" ? search.flow : undefined,
  }),
  component: () => {
    const { flow } = newRolloutRoute.useSearch();
    return <NewRolloutPage flowId={flow} />;
  },
});

const rolloutRoute = createRoute({
  getParentRoute: () => root,
  path: "/rollouts/$id",
  component: () => {
    const { id } = rolloutRoute.useParams();
    return <RolloutPage key={id} id={id} />;
  },
});

export const fleetRoute = createRoute({
  getParentRoute: () => root,
  path: "/fleet",
  validateSearch: (search): FleetFilters => readFilters(search),
  component: () => {
    const filters = fleetRoute.useSearch();
    const navigate = fleetRoute.useNavigate();
    return (
      <FleetPage
        filters={filters}
        onFilters={(next) => {
          void navigate({ search: next, replace: true });
        }}
      />
    );
  },
});

const deviceRoute = createRoute({
  getParentRoute: () => root,
  path: "/fleet/$id",
  component: () => {
    const { id } = deviceRoute.useParams();
    return <DevicePage key={id} id={id} />;
  },
});

const flowsRoute = createRoute({
  getParentRoute: () => root,
  path: "/flows",
  validateSearch: (search): FlowFilters => readFlowFilters(search),
  component: () => {
    const filters = flowsRoute.useSearch();
    const navigate = flowsRoute.useNavigate();
    return (
      <FlowsPage
        filters={filters}
        onFilters={(next) => {
          void navigate({ search: next, replace: true });
        }}
      />
    );
  },
});

const flowRoute = createRoute({
  getParentRoute: () => root,
  path: "/flows/$id",
  component: () => {
    const { id } = flowRoute.useParams();
    return <FlowPage key={id} id={id} />;
  },
});

const editFlowRoute = createRoute({
  getParentRoute: () => root,
  path: "/flows/$id/edit",
  component: () => {
    const { id } = editFlowRoute.useParams();
    return <EditFlowPage key={id} id={id} />;
  },
});

const tree = root.addChildren([
  home,
  rolloutsRoute,
  newRolloutRoute,
  rolloutRoute,
  fleetRoute,
  deviceRoute,
  flowsRoute,
  flowRoute,
  editFlowRoute,
]);

export function createConsoleRouter(history?: RouterHistory) {
  return createRouter({ routeTree: tree, ...(history ? { history } : {}) });
}

export type ConsoleRouter = ReturnType<typeof createConsoleRouter>;

declare module "@tanstack/react-router" {
  // The router's types are told of the routes by merging into this interface.
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions
  interface Register {
    router: ConsoleRouter;
  }
}

/** A filter of the address; one that is unknown counts as none. */
function oneOf<Key extends string, Value extends string>(
  key: Key,
  search: Record<string, unknown>,
  values: readonly Value[],
): Partial<Record<Key, Value | undefined>> {
  // Undefined is said: what is left out here would come through from the address as it is.
  return { [key]: values.find((value) => value === search[key]) } as Partial<Record<Key, Value | undefined>>;
}
