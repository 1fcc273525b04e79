// Made-up rollouts, devices and flows, shaped as docs/api.md has them.

import type {
  Definition,
  Deployment,
  DeploymentEvent,
  Device,
  Flow,
  RunningFlow,
  Target,
  TargetCounts,
  TargetStatus,
  Version,
} from "../api/types";

export const T0 = "2026-11-28T09:00:00.000Z";

/** `T0` and so many minutes. */
export function at(minutes: number): string {
  return new Date(Date.parse(T0) + minutes * 60_000).toISOString();
}

export function deployment(fields: Partial<Deployment> = {}): Deployment {
  return {
    id: "dep_01JDROLLING0001",
    flow_id: "flow_01JDTEMPERATURE",
    action: "deploy",
    flow_version: 4,
    strategy: "rolling",
    config: {
      batch_size: 5,
      batch_delay: "5m",
      failure_threshold: 20,
      timeout: "30m",
      auto_rollback: true,
      health_check: true,
    },
    status: "pending",
    status_reason: "waits to be started",
    target_groups: [],
    total_targets: 20,
    completed_targets: 0,
    failed_targets: 0,
    target_counts: { open: 20 },
    waves: 0,
    current_wave: 0,
    rollbacks: 0,
    retry_of: null,
    retried_by: null,
    created_at: T0,
    created_by: "alice",
    started_at: null,
    finished_at: null,
    waits_for: null,
    targets: [],
    targets_cursor: null,
    execution: null,
    rollback_execution: null,
    ...fields,
  };
}

export function target(number: number, status: TargetStatus, fields: Partial<Target> = {}): Target {
  return {
    device_id: `edge-${String(number).padStart(5, "0")}`,
    status,
    wave: Math.ceil(number / 5),
    reason: null,
    message: null,
    version_before: 3,
    reached_late: false,
    waits_for: null,
    started_at: status === "pending" ? null : at(1),
    finished_at: status === "pending" || status === "deploying" ? null : at(2),
    ...fields,
  };
}

type Loose = { type: DeploymentEvent["type"]; details?: object; minutes?: number; by?: string };

/** Number events and give each a time; `by` is a caller, without it the system did it. */
export function history(...events: Loose[]): DeploymentEvent[] {
  return events.map(
    ({ type, details = {}, minutes, by }, index) =>
      ({
        sequence: index + 1,
        at: at(minutes ?? index),
        type,
        actor: by
          ? { kind: "caller", name: by, subject: `sub-${by}` }
          : { kind: "system", name: "answer_wave", subject: null },
        details,
        status: "running",
        status_reason: "started by alice",
      }) as DeploymentEvent,
  );
}

export function waveStarted(wave: number, total: number, tolerated: number, minutes?: number): Loose {
  return {
    type: "wave_started",
    details: { wave, total, tolerated, offline: 0 },
    ...(minutes === undefined ? {} : { minutes }),
  };
}

export function waveEnded(wave: number, counts: TargetCounts, tolerated: number, minutes?: number): Loose {
  const total = Object.values(counts).reduce((all, count) => all + count, 0);
  const failed = counts.failed ?? 0;
  const details = {
    wave,
    total,
    failed,
    tolerated,
    settled: true,
    breached: failed > tolerated,
    target_counts: counts,
  };
  return { type: "wave_ended", details, ...(minutes === undefined ? {} : { minutes }) };
}

export function runningFlow(fields: Partial<RunningFlow> = {}): RunningFlow {
  return {
    flow_id: "flow_01JDTEMPERATURE",
    version: 4,
    slot: "blue",
    live: true,
    running: true,
    health: "healthy",
    reason: null,
    since: at(1),
    nodes: [],
    messages_per_minute: 118.4,
    dropped: 0,
    activity: [
      { node_id: "sensor", received_per_minute: 0, sent_per_minute: 60, dropped: 0, last_error: "" },
      { node_id: "publish", received_per_minute: 58.4, sent_per_minute: 58.4, dropped: 0, last_error: "" },
    ],
    deployment_id: "dep_01JDROLLING0001",
    ...fields,
  };
}

export function device(id: string, fields: Partial<Device> = {}): Device {
  return {
    device_id: id,
    state: "registered",
    connected: true,
    last_seen: at(2),
    health: "healthy",
    agent_version: "1.4.0",
    registered_at: at(-10_000),
    registered_by: "alice",
    connection_changed_at: at(-300),
    certificate_arn: "arn:aws:iot:us-east-1:123456789012:cert/6f2c1e8d",
    vitals: {
      uptime: 1_209_600,
      agent_uptime: 86_460,
      load: 0.42,
      memory_total: 1_073_741_824,
      memory_available: 429_496_730,
      agent_memory: 30_408_704,
      disk_total: 31_138_512_896,
      disk_free: 1_245_540_516,
      temperature: 51.4,
    },
    flows: [runningFlow()],
    ...fields,
  };
}

export const DEFINITION: Definition = {
  nodes: [
    { id: "sensor", type: "dht", name: "Greenhouse sensor", config: { pin: 4, interval: "10s" }, x: 0, y: 80 },
    { id: "check", type: "switch", name: "Too hot?", config: { rules: [{ gt: 30 }] }, x: 240, y: 80 },
    { id: "publish", type: "mqtt_out", name: "Publish", config: { topic: "greenhouse/alerts" }, x: 480, y: 20 },
    { id: "log", type: "debug", name: "", config: {}, x: 480, y: 150 },
  ],
  connections: [
    { source: "sensor", target: "check", port: 0 },
    { source: "check", target: "publish", port: 0 },
    { source: "check", target: "log", port: 1 },
  ],
  variables: [{ name: "limit", type: "number", value: "30" }],
  health_checks: [{ name: "readings", type: "emitted", node: "sensor", within: "1m" }],
};

export function flow(fields: Partial<Flow> = {}): Flow {
  return {
    id: "flow_01JDTEMPERATURE",
    slug: null,
    name: "Greenhouse temperature",
    description: "Reads the sensor and raises an alert when it is too hot.",
    tags: ["greenhouse", "sensors"],
    status: "published",
    latest_version: 4,
    created_at: at(-20_000),
    created_by: "bob",
    updated_at: at(-60),
    definition: DEFINITION,
    open_deployments: ["dep_01JDROLLING0001"],
    ...fields,
  };
}

export function version(number: number, definition: Definition = DEFINITION): Version {
  return {
    flow_id: "flow_01JDTEMPERATURE",
    version: number,
    sha256: `${number}f3a9c0d7e5b1824`.repeat(4).slice(0, 64),
    size: 1_480 + number,
    published_at: at(-1_000 + number * 10),
    published_by: "bob",
    definition,
  };
}
