import { FakeApi } from "./fake-api";
import { deployment, history, target, waveEnded, waveStarted } from "./fixtures";

export const ID = "dep_01JDROLLING0001";

/** 20 devices in 4 batches; the second is under way, one of its devices has failed. */
export function underWay(): FakeApi {
  const fake = new FakeApi();
  fake.deployments = [
    deployment({
      status: "running",
      status_reason: "started by alice",
      waves: 4,
      current_wave: 2,
      failed_targets: 1,
      completed_targets: 6,
      target_counts: { success: 6, failed: 1, open: 13 },
      waits_for: {
        what: "reports",
        wave: 2,
        devices: { count: 3, first: ["edge-00008", "edge-00009", "edge-00010"] },
        until: "2026-02-21T12:40:00.000Z",
        then: "they count as failed",
        overdue: false,
        sentence: "3 of 5 devices of wave 2 to report, until 12:40:00Z, then they count as failed",
      },
      execution: { arn: "arn:x", console_url: "https://console.aws.test/executions/x" },
    }),
  ];
  const failed = target(7, "failed", { reason: "unhealthy", message: "node publish: connection refused" });
  fake.targets.set(ID, [
    ...[1, 2, 3, 4, 5, 6].map((number) => target(number, "success")),
    failed,
    target(8, "deploying", {
      waits_for: {
        what: "offline",
        since: "2026-02-21T12:31:05.000Z",
        until: "2026-02-21T12:40:00.000Z",
        sentence: "edge-00008 is offline since 12:31:05Z, until 12:40:00Z, then it counts as failed",
      },
    }),
    ...[9, 10].map((number) => target(number, "deploying")),
    ...Array.from({ length: 10 }, (_, index) => target(index + 11, "pending")),
  ]);
  fake.events.set(
    ID,
    history(
      { type: "created", details: { total_targets: 20, strategy: "rolling", retry_of: null }, by: "alice" },
      { type: "started", by: "alice" },
      waveStarted(1, 5, 1),
      waveEnded(1, { success: 5 }, 1),
      waveStarted(2, 5, 1),
    ),
  );
  return fake;
}
