// What the REST API answers, by hand from docs/api.md until there is a document to generate it from.
// Times are ISO 8601 in UTC, sizes are in bytes. A status or type that is not listed here can come from a newer API:
// whoever reads one has an answer for "something else".

export type Page<Name extends string, Item> = Record<Name, Item[]> & { next_cursor: string | null };

export const DEPLOYMENT_STATUSES = [
  "pending",
  "running",
  "paused",
  "rolling_back",
  "completed",
  "failed",
  "rolled_back",
  "cancelling",
  "cancelled",
] as const;
export type DeploymentStatus = (typeof DEPLOYMENT_STATUSES)[number];

export const STRATEGIES = ["all_at_once", "rolling", "canary", "blue_green"] as const;
export type Strategy = (typeof STRATEGIES)[number];

export type TargetStatus =
  "pending" | "deploying" | "staged" | "success" | "failed" | "skipped" | "rolled_back" | "rollback_failed";

/** Targets by status; `open` are those that are pending or deploying. Absent means none. */
export type TargetCounts = Partial<Record<TargetStatus | "open", number>>;

/** Durations are written like `90s`, `5m`, `1h30m`; which keys there are depends on the strategy. */
export type DeploymentConfig = {
  timeout: string;
  auto_rollback: boolean;
  health_check: boolean;
  /** Null where health is not checked; absent and null in deployments of before it could be set. */
  health_window?: string | null;
  /** What is done about devices that are not connected when their wave begins. */
  offline?: "wait" | "skip";
  batch_size?: number;
  batch_delay?: string;
  failure_threshold?: number;
  canary_percentage?: number;
  canary_delay?: string;
  switch_delay?: string;
};

export type DeploymentSummary = {
  id: string;
  flow_id: string;
  action: "deploy" | "remove";
  /** Null where the flow is removed. */
  flow_version: number | null;
  strategy: Strategy;
  config: DeploymentConfig;
  status: DeploymentStatus;
  status_reason: string;
  target_groups: string[];
  /** Null until the start has resolved the groups. */
  total_targets: number | null;
  completed_targets: number;
  failed_targets: number;
  target_counts: TargetCounts;
  waves: number;
  current_wave: number;
  rollbacks: number;
  retry_of: string | null;
  retried_by: string | null;
  created_at: string;
  created_by: string;
  started_at: string | null;
  finished_at: string | null;
};

/** What a deployment that has not ended waits for; `sentence` says it all. */
export type WaitsFor = {
  what: string;
  wave: number | null;
  devices: { count: number; first: string[] } | null;
  until: string | null;
  then: string;
  overdue: boolean;
  sentence: string;
};

/** What a target that is deploying is at; `since` and `until` are null where they are not known. */
export type TargetWaitsFor = {
  what: string;
  since: string | null;
  until: string | null;
  sentence: string;
};

export type Execution = { arn: string; console_url: string };

export type Target = {
  device_id: string;
  status: TargetStatus;
  wave: number | null;
  reason: string | null;
  message: string | null;
  version_before: number | null;
  /** It succeeded after the cloud had given it up, whatever its status is. */
  reached_late: boolean;
  /** Null unless it is deploying; absent from releases of before it was told. */
  waits_for?: TargetWaitsFor | null;
  started_at: string | null;
  finished_at: string | null;
};

export type Deployment = DeploymentSummary & {
  /** Null when it has ended. */
  waits_for: WaitsFor | null;
  targets: Target[];
  targets_cursor: string | null;
  execution: Execution | null;
  rollback_execution: Execution | null;
};

/** Which targets a retry deploys to; without any all of a deployment that was rolled back, else both kinds. */
export type RetryOnly = "failed" | "offline";

export type Actor = { kind: "caller" | "system"; name: string; subject: string | null };

type Event<Type extends string, Details> = {
  sequence: number;
  at: string;
  type: Type;
  actor: Actor;
  details: Details;
  status: string;
};

type EndDetails = {
  attempt: number | null;
  target_counts: TargetCounts;
  reason_counts: Record<string, number>;
  failed_targets: { device_id: string; wave: number; status: TargetStatus; reason: string | null }[];
};
type Nothing = Record<string, never>;

export type DeploymentEvent = { status_reason: string } & (
  | Event<"created", { total_targets: number | null; strategy: Strategy; retry_of: string | null }>
  | Event<"targets_resolved", { total_targets: number }>
  | Event<"started", Nothing>
  | Event<"waves_planned", { total_targets: number; waves: number }>
  | Event<"wave_started", { wave: number; total: number; tolerated: number; offline?: number }>
  | Event<"wave_closed", { wave: number; cause: "timeout" | "stop"; target_counts: TargetCounts }>
  | Event<
      "wave_ended",
      {
        wave: number;
        total: number;
        failed: number;
        tolerated: number;
        settled: boolean;
        breached: boolean;
        target_counts: TargetCounts;
      }
    >
  | Event<"breached", { wave: number; total: number; failed: number; tolerated: number; failure_threshold: number }>
  | Event<"breach_accepted", { wave: number; tolerated: number }>
  | Event<"paused", { cause: "operator" | "breach" | "offline" }>
  | Event<"resumed", Nothing>
  | Event<"promoted", { wave: number }>
  | Event<"target_given_up", { wave: number; device_id: string }>
  | Event<"reached_late", { wave: number; device_id: string; version: number | null }>
  | Event<"returned_late", { attempt: number; device_id: string }>
  | Event<"cancel_requested", Nothing>
  | Event<"retried", { deployment_id: string }>
  | Event<"rollback_requested", { attempt: number }>
  | Event<"rollback_started", { attempt: number; origin: "operator" | "breach" | "late_success" }>
  | Event<"rollback_planned", { attempt: number; jobs: number; returned_already: number; moved_on: number }>
  | Event<"completed", EndDetails>
  | Event<"failed", EndDetails>
  | Event<"cancelled", EndDetails>
  | Event<"rolled_back", EndDetails>
);

export type FlowEvent =
  | Event<"created", { name: string }>
  | Event<"updated", { changed: string[] }>
  | Event<"published", { version: number; sha256: string; size: number }>
  | Event<"draft_opened", { from_version: number | null }>
  | Event<"archived", Nothing>
  | Event<"restored", Nothing>
  | Event<"deleted", Nothing>;

export type Health = "starting" | "healthy" | "unhealthy";

export type NodeHealth = { node_id: string; health: Health; error: string };

export type NodeActivity = {
  node_id: string;
  received_per_minute: number;
  sent_per_minute: number;
  dropped: number;
  last_error: string;
};

export type RunningFlow = {
  flow_id: string;
  version: number;
  slot: "blue" | "green" | null;
  live: boolean | null;
  running: boolean | null;
  health: Health | null;
  reason: string | null;
  since: string | null;
  nodes: NodeHealth[];
  messages_per_minute: number | null;
  dropped: number | null;
  activity: NodeActivity[];
  deployment_id: string | null;
};

/** Times in seconds, memory and disk in bytes, `load` by core (1 is fully used), `temperature` in degrees Celsius. */
export type Vitals = {
  uptime: number | null;
  agent_uptime: number | null;
  load: number | null;
  memory_total: number | null;
  memory_available: number | null;
  agent_memory: number | null;
  disk_total: number | null;
  disk_free: number | null;
  temperature: number | null;
};

export type DeviceSummary = {
  device_id: string;
  state: "announced" | "registered";
  connected: boolean | null;
  last_seen: string | null;
  agent_version: string | null;
  registered_at: string | null;
  registered_by: string | null;
};

export type Device = DeviceSummary & {
  connection_changed_at: string | null;
  vitals: Vitals | null;
  certificate_arn: string | null;
  flows: RunningFlow[];
};

export const FLOW_STATUSES = ["draft", "published", "archived"] as const;
export type FlowStatus = (typeof FLOW_STATUSES)[number];

export type FlowNode = {
  id: string;
  type: string;
  name: string;
  config: Record<string, unknown>;
  x: number;
  y: number;
};
export type Connection = { source: string; target: string; port: number };
export type Variable = { name: string; type: "string" | "number" | "boolean" | "json"; value: unknown };
export type HealthCheck = { name: string; type: string } & Record<string, unknown>;

export type Definition = {
  nodes: FlowNode[];
  connections: Connection[];
  variables: Variable[];
  health_checks: HealthCheck[];
};

export type FlowSummary = {
  id: string;
  name: string;
  description: string;
  tags: string[];
  status: FlowStatus;
  latest_version: number | null;
  created_at: string;
  created_by: string;
  updated_at: string;
};

export type Flow = FlowSummary & { definition: Definition; open_deployments: string[] };

export type VersionSummary = {
  flow_id: string;
  version: number;
  sha256: string;
  size: number;
  published_at: string;
  published_by: string;
};

export type Version = VersionSummary & { definition: Definition };

/** A JSON Schema, of which the console reads what `flows/editor/schema.ts` names. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export type NodeType = {
  type: string;
  title: string;
  summary: string;
  documentation: string;
  runtimes: string[];
  inputs: number;
  /** Null where the settings of a node decide. */
  outputs: number | null;
  settings: JsonSchema;
  examples: Record<string, unknown>[];
};

/** RFC 9457. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  errors: { pointer: string; detail: string }[];
  request_id: string | null;
};
