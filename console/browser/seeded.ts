// A fleet, a flow and a rollout that are larger than anybody would make for a test: answers of the API, made from numbers alone.

import type { Page } from "@playwright/test";
import type { Deployment, DeploymentEvent, Target, WaitsFor } from "../src/api/types";
import { deployment, device, flow, history, target, waveEnded, waveStarted } from "../src/testing/fixtures";

const ROLLOUT = "dep_01JDLARGE000001";
const IN_ROW = 20; // nodes of a flow, side by side
const FAILS = 190;
const MESSAGE = "node publish: connection refused";
const CONFIG = {
  batch_delay: "5m",
  failure_threshold: 20,
  timeout: "30m",
  auto_rollback: true,
  health_check: true,
  health_window: "30s",
};

/** Answer for the list of devices with as many as these, page by page. */
export async function seedDevices(page: Page, count: number): Promise<void> {
  await page.route(/\/v1\/devices\?/, (route) => {
    const { start, end, next } = pageOf(route.request().url(), count);
    const devices = Array.from({ length: end - start }, (_, index) => {
      const number = start + index;
      return device(deviceId(number), { connected: number % 9 !== 0, flows: [] });
    });
    return route.fulfill({ json: { devices, next_cursor: next } });
  });
}

/** Answer for a draft with as many nodes as these, each wired to the next; `middle` is the one in the middle. */
export async function seedFlow(page: Page, count: number): Promise<{ id: string; middle: string }> {
  const seeded = flow({ id: "flow_01JDLARGE000001", status: "draft", latest_version: null });
  const idOf = (index: number) => `n_${String(index)}`;
  const nodes = Array.from({ length: count }, (_, index) => {
    const [x, y] = [(index % IN_ROW) * 220, Math.floor(index / IN_ROW) * 120];
    return { id: idOf(index), type: "debug", name: "", config: {}, x, y };
  });
  const connections = nodes.slice(1).map(({ id }, index) => ({ source: idOf(index), target: id, port: 0 }));
  const definition = { nodes, connections, variables: [], health_checks: [] };
  await page.route(new RegExp(`/v1/flows/${seeded.id}(\\?|$)`), (route) =>
    route.fulfill({ headers: { ETag: '"1"' }, json: { ...seeded, definition } }),
  );
  return { id: seeded.id, middle: idOf((count + IN_ROW) / 2) };
}

type Shape = {
  total: number;
  wave: number;
  /** Targets that have an outcome at first, and how many more at each look. */
  done: number;
  step: number;
  /** It is running otherwise. */
  isRolledBack?: boolean;
  /** Of how many one fails, and what it says. */
  fails?: number;
  message?: string;
};

/** Answer for one rollout of this shape; `looks` tells how often the console has asked for it. */
export async function seedRollout(page: Page, shape: Shape): Promise<{ id: string; looks: () => number }> {
  const { total, wave, step, fails = FAILS, message = MESSAGE } = shape;
  let looks = 0;
  const done = () => Math.min(total, shape.done + looks * step);

  await page.route(new RegExp(`/v1/deployments/${ROLLOUT}(/|\\?|$)`), (route) => {
    const url = new URL(route.request().url());
    const query = url.searchParams;
    const part = url.pathname.split(`${ROLLOUT}/`)[1];
    if (part === "targets") {
      const asked = query.get("status") ?? query.get("wave");
      const { start, end, next } = pageOf(url.href, asked === null ? total : wave);
      const failing = { fails, message };
      const targets = Array.from({ length: end - start }, (_, index) => targetOf(start + index, done(), wave, failing));
      return route.fulfill({ json: { targets, next_cursor: next } });
    }
    if (part === "events")
      return route.fulfill({ json: { events: eventsOf(done(), total, wave, fails), next_cursor: null } });
    looks += 1;
    return route.fulfill({
      json: { ...rollout(total, done(), wave, fails), ...(shape.isRolledBack ? ROLLED_BACK : {}) },
    });
  });
  return { id: ROLLOUT, looks: () => looks };
}

const ROLLED_BACK: Partial<Deployment> = {
  status: "rolled_back",
  status_reason: "one device failed; all returned",
  rollbacks: 1,
  rollback_execution: { arn: "arn:2", console_url: "https://console.aws.test/executions/2" },
  waits_for: null,
};

function rollout(total: number, done: number, wave: number, fails: number): Deployment {
  const waves = Math.ceil(total / wave);
  const inWave = Math.floor(done / wave) + 1;
  const failed = failures(done, fails);
  return deployment({
    id: ROLLOUT,
    status: "running",
    status_reason: "started by alice",
    total_targets: total,
    completed_targets: done - failed,
    failed_targets: failed,
    target_counts: { success: done - failed, failed, open: total - done },
    waves,
    current_wave: Math.min(waves, inWave),
    config: { ...CONFIG, batch_size: wave },
    execution: { arn: "arn:1", console_url: "https://console.aws.test/executions/1" },
    waits_for: waitsFor(inWave, wave - (done % wave), wave),
    started_at: "2026-11-28T09:00:00.000Z",
  });
}

function waitsFor(wave: number, open: number, of: number): WaitsFor {
  const sentence = `${open} of ${of} devices of wave ${wave} to report, until 09:50:00Z, then they count as failed`;
  const devices = { count: open, first: [] };
  const until = "2026-11-28T09:50:00.000Z";
  return { what: "reports", wave, devices, until, then: "they count as failed", overdue: false, sentence };
}

function eventsOf(done: number, total: number, wave: number, fails: number): DeploymentEvent[] {
  const ended = Math.floor(done / wave);
  return history(
    { type: "created", details: { total_targets: total, strategy: "rolling", retry_of: null }, by: "alice" },
    { type: "started", by: "alice" },
    { type: "waves_planned", details: { total_targets: total, waves: Math.ceil(total / wave) } },
    ...Array.from({ length: ended }, (_, index) => [
      waveStarted(index + 1, wave, tolerated(wave)),
      waveEnded(index + 1, waveCounts(index * wave, wave, fails), tolerated(wave)),
    ]).flat(),
    ...(ended * wave < total ? [waveStarted(ended + 1, wave, tolerated(wave))] : []),
  );
}

function tolerated(wave: number): number {
  return Math.floor((wave * CONFIG.failure_threshold) / 100);
}

/** Of the targets from `start` on, as many as a wave has. */
function waveCounts(start: number, wave: number, fails: number): { success: number; failed: number } {
  const failed = failures(start + wave, fails) - failures(start, fails);
  return { success: wave - failed, failed };
}

function failures(until: number, fails: number): number {
  return Math.floor(until / fails);
}

type Failing = { fails: number; message: string };

function targetOf(number: number, done: number, wave: number, { fails, message }: Failing): Target {
  const isFailed = number % fails === fails - 1;
  const isReached = Math.floor(number / wave) <= Math.floor(done / wave);
  const status = number >= done ? (isReached ? "deploying" : "pending") : isFailed ? "failed" : "success";
  return target(number, status, {
    device_id: deviceId(number),
    wave: Math.floor(number / wave) + 1,
    ...(status === "failed" ? { reason: "unhealthy", message } : {}),
  });
}

function pageOf(url: string, count: number): { start: number; end: number; next: string | null } {
  const query = new URL(url).searchParams;
  const start = Number(query.get("cursor") ?? 0);
  const end = Math.min(count, start + Number(query.get("limit") ?? 50));
  return { start, end, next: end < count ? String(end) : null };
}

function deviceId(number: number): string {
  return `edge-${String(number).padStart(6, "0")}`;
}
