// The filters of `GET /v1/devices`, and the counts of `GET /v1/devices/summary`, as docs/api.md has them.

import type { Device, FleetSummary } from "../api/types";

export function isAskedFor(device: Device, query: URLSearchParams): boolean {
  const [flowId, version, health] = [query.get("flow_id"), query.get("version"), query.get("health")];
  const live = flowsOf(device).filter((flow) => flow.live && flow.flow_id === flowId);
  const running = live.filter((flow) => version === null || flow.version === Number(version));
  const healths = flowId === null ? [device.health] : running.map((flow) => flow.health);
  return (
    isOf(query.get("connected"), connectedOf(device)) &&
    (flowId === null || running.length > 0) &&
    (health === null || healths.some((one) => (one ?? "unknown") === health)) &&
    device.device_id.toLowerCase().includes(query.get("text")?.toLowerCase() ?? "")
  );
}

export function summarise(devices: readonly Device[]): FleetSummary & { counted_at: string } {
  const flows = new Map<string, FleetSummary["flows"][number]>();
  for (const { flow_id: id, version } of devices.flatMap(flowsOf).filter((flow) => flow.live)) {
    const entry = flows.get(`${id} ${String(version)}`) ?? { flow_id: id, version, devices: 0, health: {} };
    flows.set(`${id} ${String(version)}`, { ...entry, devices: entry.devices + 1 });
  }
  return {
    counted_at: new Date().toISOString(),
    complete: true,
    total: devices.length,
    unreadable: devices.filter((device) => "unreadable" in device).length,
    connected: count(devices.map(connectedOf)),
    health: count(devices.map((device) => device.health ?? "unknown")),
    agent_versions: [],
    agent_versions_left_out: 0,
    flows: [...flows.values()],
    flows_left_out: 0,
  };
}

/** The flows of a device; a record that cannot be read has none. */
function flowsOf({ flows }: Partial<Device>): Device["flows"] {
  return flows ?? [];
}

function connectedOf({ connected }: Device): "true" | "false" | "unknown" {
  return connected === null ? "unknown" : connected ? "true" : "false";
}

function count<Kind extends string>(kinds: Kind[]): Partial<Record<Kind, number>> {
  const counts: Partial<Record<Kind, number>> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function isOf(wanted: string | null, is: string): boolean {
  return wanted === null || wanted === is;
}
