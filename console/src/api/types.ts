// What the REST API takes and answers. All of it comes from the API's document: `generated/schema.d.ts` is made from
// docs/openapi.json by `npm run api`, before style and types are looked at, and is not checked in. Here parts of it have
// the names that the console uses, and what the document calls a text is narrowed to the values that it lists elsewhere.
// Times are ISO 8601 in UTC, sizes are in bytes. A status or type that is not listed can come from a newer API: whoever
// reads one has an answer for "something else".

import type { components, operations } from "../../generated/schema";

type Schemas = components["schemas"];
type Listing = "listDeployments" | "listDevices" | "listFlows" | "listTargets";
type QueryOf<Name extends Listing> = Required<NonNullable<operations[Name]["parameters"]["query"]>>;

/** What a list can be asked for, but for which page of it. */
type Filter<Name extends Listing> = {
  [Field in Exclude<keyof QueryOf<Name>, "limit" | "cursor">]?: QueryOf<Name>[Field] | undefined;
};

/** As it is answered: what a request may leave out has its default there. */
type Whole<Base> = Required<Base>;

/** `Base` with some of its fields known more closely; each must fit what the document says of it. */
type Narrowed<Base, Fields extends { [Name in keyof Fields]: Name extends keyof Base ? Base[Name] : never }> = Omit<
  Base,
  keyof Fields
> &
  Fields;

/** Of each type of event, as they are told apart by `type`, which the document leaves a text. */
type ByType<Base extends { type: string; details: unknown }, Details extends Record<keyof Details, Base["details"]>> = {
  [Type in keyof Details]: Omit<Base, "type" | "details"> & { type: Type; details: Details[Type] };
}[keyof Details];

export type Page<Name extends string, Item> = Record<Name, Item[]> & Pick<Schemas["FlowPage"], "next_cursor">;

// --- Deployments

export type DeploymentStatus = QueryOf<"listDeployments">["status"][number];
export type TargetStatus = QueryOf<"listTargets">["status"];
/** The body of `POST /v1/deployments`. */
export type CreateDeployment = Schemas["CreateAllAtOnce" | "CreateRolling" | "CreateCanary" | "CreateBlueGreen"];
/** As answers spell it; requests may have `-` in place of `_`. */
export type Strategy = Exclude<CreateDeployment["strategy"], `${string}-${string}`>;

/** Targets by status; `open` are those that are pending or deploying. Absent means none. */
export type TargetCounts = Partial<Record<TargetStatus | "open", number>>;

type AnySettings = Schemas["AllAtOnceSettings"] &
  Schemas["RollingSettings"] &
  Schemas["CanarySettings"] &
  Schemas["BlueGreenSettings"];

/** Which keys there are depends on the strategy, and on when the deployment was created. */
export type DeploymentConfig = AnySettings & Whole<Pick<AnySettings, "timeout" | "auto_rollback" | "health_check">>;

type Known = {
  action: NonNullable<CreateDeployment["action"]>;
  strategy: Strategy;
  config: DeploymentConfig;
  status: DeploymentStatus;
  target_counts: TargetCounts;
};

export type DeploymentSummary = Narrowed<Omit<Schemas["ListedDeployment"], "target">, Known>;
/** Which targets are asked for. */
export type TargetFilter = Filter<"listTargets">;
export type Target = Narrowed<Schemas["TargetView"], { status: TargetStatus }>;
/** A rollout in the list of a device: `target` is what became of the device in it, null where that is gone. */
export type DeviceDeployment = Narrowed<Required<Schemas["ListedDeployment"]>, Known & { target: Target | null }>;
export type Deployment = Narrowed<Schemas["DeploymentView"], Known & { targets: Target[] }>;

export type WaitsFor = Schemas["WaitView"];

/** Which targets a retry deploys to; without any all of a deployment that was rolled back, else both kinds. */
export type RetryOnly = NonNullable<Schemas["RetryDeployment"]["only"]>[number];

// --- Histories

type Counts = { target_counts: Record<string, number> };
type Counted<Base extends Counts> = Omit<Base, "target_counts"> & { target_counts: TargetCounts };
type Ended<Base extends Counts & { failed_targets: Schemas["NamedTarget"][] }> = Omit<
  Counted<Base>,
  "failed_targets"
> & { failed_targets: Narrowed<Schemas["NamedTarget"], { status: TargetStatus }>[] };

export type DeploymentEvent = ByType<
  Schemas["DeploymentEvent"],
  {
    created: Schemas["DeploymentCreated"];
    targets_resolved: Schemas["TargetsResolved"];
    started: Schemas["Started"];
    waves_planned: Schemas["WavesPlanned"];
    wave_started: Whole<Schemas["WaveStarted"]>;
    wave_closed: Counted<Schemas["WaveClosed"]>;
    wave_ended: Counted<Schemas["WaveEnded"]>;
    breached: Schemas["Breached"];
    breach_accepted: Schemas["BreachAccepted"];
    paused: Schemas["Paused"];
    resumed: Schemas["Resumed"];
    promoted: Schemas["Promoted"];
    target_given_up: Schemas["TargetGivenUp"];
    reached_late: Schemas["ReachedLate"];
    returned_late: Schemas["ReturnedLate"];
    cancel_requested: Schemas["CancelRequested"];
    retried: Schemas["Retried"];
    rollback_requested: Schemas["RollbackRequested"];
    rollback_started: Schemas["RollbackStarted"];
    rollback_planned: Schemas["RollbackPlanned"];
    completed: Ended<Schemas["Completed"]>;
    failed: Ended<Schemas["Failed"]>;
    cancelled: Ended<Schemas["Cancelled"]>;
    rolled_back: Ended<Schemas["RolledBack"]>;
  }
>;

export type FlowEvent = ByType<
  Schemas["FlowEvent"],
  {
    created: Schemas["FlowCreated"];
    updated: Schemas["FlowUpdated"];
    published: Schemas["FlowPublished"];
    draft_opened: Schemas["DraftOpened"];
    archived: Schemas["FlowArchived"];
    restored: Schemas["FlowRestored"];
    deleted: Schemas["FlowDeleted"];
  }
>;

// --- Devices

export type Health = Schemas["Health"];
export type RunningFlow = Narrowed<
  Schemas["RunningFlowView"],
  { slot: "blue" | "green" | null; health: Health | null; activity: Whole<Schemas["NodeActivity"]>[] }
>;

type KnownDevice = { state: "announced" | "registered"; health: Health | null };

export type DeviceSummary = Narrowed<Schemas["DeviceSummary"], KnownDevice>;
export type Device = Narrowed<Schemas["DeviceView"], KnownDevice & { flows: RunningFlow[]; vitals: Vitals | null }>;
export type Vitals = Whole<Schemas["Vitals"]>;

/** Which devices are asked for; each field that is there leaves out others. `version` needs a `flow_id`. */
export type DeviceFilter = Filter<"listDevices">;
/** As devices are asked for and counted by it; `unknown` are those that report no live flow. */
export type DeviceHealth = QueryOf<"listDevices">["health"];

/** How many devices there are of what. */
export type CountedFleet = Schemas["FleetSummary"];
/** As pages have it: without the time of counting. */
export type FleetSummary = Omit<CountedFleet, "counted_at">;

// --- Flows

export type FlowStatus = Schemas["FlowSummary"]["status"];
/** Which flows are asked for, and in which order. */
export type FlowFilter = Filter<"listFlows">;
export type FlowNode = Whole<Schemas["Node"]>;
export type Connection = Whole<Schemas["Connection"]>;
export type Variable = Schemas["Variable"];

/** As it is being written: what it lacks of its type is found when it is published. */
export type HealthCheck = Pick<Schemas["EmittedCheck"], "name"> & { type: string } & Record<string, unknown>;

export type Definition = Narrowed<
  Omit<Whole<Schemas["Definition"]>, "health_checks">,
  { nodes: FlowNode[]; connections: Connection[] }
> & { health_checks: HealthCheck[] };

/** What is sent in place of a definition. */
export type DefinitionBody = Schemas["DefinitionBody"];

type Defined<Base extends { definition: unknown }> = Omit<Base, "definition"> & { definition: Definition };

export type FlowSummary = Schemas["FlowSummary"];
export type Flow = Defined<Schemas["FlowView"]>;
export type VersionSummary = Schemas["VersionSummary"];
export type Version = Defined<Schemas["VersionView"]>;

/** A JSON Schema, of which the console reads what `flows/editor/schema.ts` names. */
export type JsonSchema = Readonly<Record<string, unknown>>;
export type NodeType = Schemas["NodeType"];

/** RFC 9457. */
export type Problem = Whole<Schemas["Problem"]>;
