import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { deployment, history, target, waveEnded, waveStarted } from "../testing/fixtures";
import { expectAccessible, show } from "../testing/render";
import { ID, underWay } from "../testing/under-way";

const PATH = `/rollouts/${ID}`;

describe("a rollout under way", () => {
  it("shows the strategy with the present step lit", async () => {
    const { container } = show(PATH, underWay());
    const lit = await screen.findByText("Batch 2 of 4");
    expect(lit.closest("li")).toHaveAttribute("aria-current", "step");
    expect(screen.getByText("started by alice")).toBeVisible();
    await screen.findByText("edge-00001");
    await expectAccessible(container);
  });

  it("says what it waits for, until when and what then", async () => {
    show(PATH, underWay());
    const sentence = "3 of 5 devices of wave 2 to report, until 12:40:00Z, then they count as failed";
    expect(await screen.findByText(`Waits for ${sentence}.`)).toBeVisible();
  });

  it("shows progress, and the failure rate of the wave against its threshold", async () => {
    show(PATH, underWay());
    expect(await screen.findByText("7 of 20 devices have an outcome")).toBeVisible();
    expect(
      await screen.findByRole("img", { name: "1 of 5; 1 of 5 may fail; one more is a breach" }),
    ).toBeInTheDocument();
    expect(screen.getByText("20 %")).toBeVisible();
  });

  it("tells its history newest first, who did what", async () => {
    show(PATH, underWay());
    const panel = await screen.findByRole("region", { name: "History" });
    await within(panel).findByText("Wave 2 started: 5 devices");
    const entries = within(panel).getAllByRole("listitem");
    expect(entries[0]).toHaveTextContent("Wave 2 started: 5 devices");
    expect(entries.at(-1)).toHaveTextContent(/Created for 20 devices.*by alice/);
  });

  it("names failed devices with reason and message", async () => {
    const { user } = show(PATH, underWay());
    await screen.findByText("edge-00001");
    await user.click(screen.getByRole("radio", { name: "Failed" }));
    const list = within(screen.getByRole("region", { name: "Devices" }));
    const row = (await list.findByRole("link", { name: "edge-00007" })).closest("tr");
    expect(row).toHaveTextContent("was not healthy");
    expect(row).toHaveTextContent("node publish: connection refused");
    expect(screen.queryByRole("link", { name: "edge-00001" })).not.toBeInTheDocument();
    const why = screen.getByRole("region", { name: "Why devices failed" });
    expect(why).toHaveTextContent("edge-00007 node publish: connection refused");
  });

  it("looks into a wave, by mouse or by keys", async () => {
    const { user } = show(PATH, underWay());
    const second = await screen.findByRole("button", {
      name: /^Wave 2, under way: 1 succeeded, 1 failed, 3 under way/,
    });
    await user.click(second);
    expect(await screen.findByRole("region", { name: "Devices of wave 2" })).toBeVisible();
    expect(screen.queryByRole("link", { name: "edge-00001" })).not.toBeInTheDocument();
    await user.keyboard("{ArrowRight}{Enter}");
    expect(await screen.findByRole("region", { name: "Devices of wave 3" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "All waves" }));
    expect(await screen.findByRole("link", { name: "edge-00001" })).toBeVisible();
  });

  it("leads to its execution in Step Functions", async () => {
    show(PATH, underWay());
    const link = await screen.findByRole("link", { name: /Execution in Step Functions/ });
    expect(link).toHaveAttribute("href", "https://console.aws.test/executions/x");
    expect(link).toHaveAttribute("rel", "noreferrer");
  });
});

describe("a rollout of 100,000 devices", () => {
  it("shows all its waves in few cells, without asking for every device", async () => {
    const fake = new FakeApi();
    const config = { ...deployment().config, batch_size: 50 };
    fake.deployments = [
      deployment({
        status: "running",
        waves: 2_000,
        current_wave: 3,
        total_targets: 100_000,
        config,
        target_counts: { success: 120, failed: 1, open: 99_879 },
      }),
    ];
    const all = Array.from({ length: 100_000 }, (_, n) =>
      n === 90_000
        ? target(n + 1, "failed", { wave: 3, reason: "unhealthy", message: "no network" })
        : target(n + 1, "pending", { wave: Math.floor(n / 50) + 1 }),
    );
    fake.targets.set(ID, all);
    fake.events.set(
      ID,
      history(
        waveStarted(1, 50, 10),
        waveEnded(1, { success: 50 }, 10),
        waveStarted(2, 50, 10),
        waveEnded(2, { success: 50 }, 10),
        waveStarted(3, 50, 10),
      ),
    );
    const { user } = show(PATH, fake);
    await screen.findByRole("button", { name: /^Waves 1–20, under way/ });
    expect(screen.getAllByRole("button", { name: /^Waves / }).length).toBeLessThanOrEqual(100);
    await screen.findByText(/The first 2,000 of 100,000 by id/, {}, { timeout: 40_000 });
    const pages = fake.asked.filter(({ path }) => path === `/v1/deployments/${ID}/targets`);
    expect(pages.filter(({ query }) => query.get("status") === null && query.get("wave") === null)).toHaveLength(20);

    // A device that failed beyond those that are loaded is named all the same, for one request of each such status.
    expect(screen.getByRole("region", { name: "Why devices failed" })).toHaveTextContent("edge-90001 no network");
    expect(pages.filter(({ query }) => query.get("status") !== null).map(({ query }) => query.get("status"))).toEqual([
      "failed",
      "rollback_failed",
    ]);
    await user.click(screen.getByRole("radio", { name: "Failed" }));
    expect(within(screen.getByRole("region", { name: "Devices" })).getByText("edge-90001")).toBeVisible();

    // So are the devices of a wave that is looked into: only that wave is asked for.
    await user.click(screen.getByRole("radio", { name: "All" }));
    await user.click(screen.getByRole("button", { name: /^Waves 1,001–1,020/ }));
    await user.click(await screen.findByRole("button", { name: /^Wave 1,001,/ }));
    expect(await screen.findByText("edge-50001")).toBeVisible();
    expect(screen.getByText("50 in all")).toBeVisible();
    const waves = fake.asked.flatMap(({ query }) => query.get("wave") ?? []);
    expect(new Set(waves)).toEqual(new Set(["1001"]));
    await user.click(screen.getByRole("button", { name: "All waves" }));

    await user.click(await screen.findByRole("button", { name: /^Waves 1–20, under way/ }));
    expect(
      await screen.findByRole("button", { name: /^Wave 3, under way: 20 succeeded, 1 failed, 29 under way/ }),
    ).toBeVisible();
  }, 60_000); // it takes 12 s of a processor of its own
});

describe("what happens meanwhile", () => {
  it("is shown when the page is looked at again, and the history is read on from where it was", async () => {
    const fake = underWay();
    show(PATH, fake);
    await screen.findByText("edge-00001");
    const first = fake.deployments[0];
    if (first === undefined) throw new Error("no deployment");
    fake.deployments = [{ ...first, status: "completed", status_reason: "every target succeeded" }];
    fake.events.set(ID, [
      ...(fake.events.get(ID) ?? []),
      ...history({ type: "completed" }).map((e) => ({ ...e, sequence: 6 })),
    ]);
    expect(await screen.findByText("every target succeeded", {}, { timeout: 10_000 })).toBeVisible();
    const panel = screen.getByRole("region", { name: "History" });
    await waitFor(() => {
      expect(within(panel).getAllByRole("listitem")[0]).toHaveTextContent("Completed");
    });
  });

  it("asks with the ETag while nothing changes", async () => {
    const fake = underWay();
    show(PATH, fake);
    await screen.findByText("edge-00001");
    await waitFor(
      () => {
        const asked = fake.asked.filter(({ path }) => path === `/v1/deployments/${ID}`);
        expect(asked.at(-1)?.headers.get("If-None-Match")).toMatch(/^"/);
      },
      { timeout: 10_000 },
    );
    expect(fake.count("GET", `/v1/deployments/${ID}/events`)).toBe(1);
  });

  it("is an error with its reason when there is no such rollout", async () => {
    show("/rollouts/dep_none", new FakeApi());
    expect(await screen.findByRole("alert")).toHaveTextContent("There is nothing at /v1/deployments/dep_none.");
  });
});
