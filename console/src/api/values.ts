// Values of the API's document that pages list. Each of these has all of them, or it does not compile.

import type { DeploymentStatus, DeviceHealth, FlowStatus, Strategy } from "./types";

export const DEPLOYMENT_STATUSES = all<DeploymentStatus>({
  pending: true,
  running: true,
  paused: true,
  rolling_back: true,
  completed: true,
  failed: true,
  rolled_back: true,
  cancelling: true,
  cancelled: true,
});

export const STRATEGIES = all<Strategy>({ all_at_once: true, rolling: true, canary: true, blue_green: true });

export const FLOW_STATUSES = all<FlowStatus>({ draft: true, published: true, archived: true });

export const DEVICE_HEALTHS = all<DeviceHealth>({ healthy: true, starting: true, unhealthy: true, unknown: true });

function all<Value extends string>(values: Record<Value, true>): readonly Value[] {
  return Object.keys(values) as Value[];
}
