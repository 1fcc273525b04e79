import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../testing/fake-api";
import { deployment, history, target, waveStarted } from "../testing/fixtures";
import { expectAccessible, show } from "../testing/render";
import { ID, underWay } from "../testing/under-way";

const PATH = `/rollouts/${ID}`;

describe("buttons", () => {
  it("say what they will do to how many devices, and do nothing until that is confirmed", async () => {
    const fake = underWay();
    const { user } = show(PATH, fake);
    await user.click(await screen.findByRole("button", { name: "Roll back" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(dialog).toHaveTextContent("Returns 7 devices to what each ran before this deployment.");
    await expectAccessible(dialog);
    await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
    expect(fake.count("POST", `/v1/deployments/${ID}/rollback`)).toBe(0);

    await user.click(screen.getByRole("button", { name: "Roll back" }));
    await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Roll back" }));
    expect(await screen.findByText("Rolling back")).toBeVisible();
    expect(fake.count("POST", `/v1/deployments/${ID}/rollback`)).toBe(1);
  });

  it("cancel, and keep looking until it is cancelled", async () => {
    const fake = underWay();
    const { user } = show(PATH, fake);
    await user.click(await screen.findByRole("button", { name: "Cancel rollout" }));
    await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Cancel rollout" }));
    expect(await screen.findByText("Cancelling")).toBeVisible();
    fake.deployments = fake.deployments.map((one) => ({ ...one, status: "cancelled" }));
    expect((await screen.findAllByText("Cancelled", {}, { timeout: 10_000 }))[0]).toBeVisible();
  });

  it("pause and resume", async () => {
    const fake = underWay();
    const { user } = show(PATH, fake);
    await user.click(await screen.findByRole("button", { name: "Pause" }));
    await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Pause" }));
    await user.click(await screen.findByRole("button", { name: "Resume" }));
    await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Resume" }));
    expect(await screen.findByRole("button", { name: "Pause" })).toBeVisible();
    expect(fake.count("POST", `/v1/deployments/${ID}/resume`)).toBe(1);
    expect(fake.count("POST", `/v1/deployments/${ID}/start`)).toBe(0);
  });

  it("promote while a wait between waves is under way", async () => {
    const fake = underWay();
    fake.deployments = fake.deployments.map((one) => ({
      ...one,
      waits_for: one.waits_for && { ...one.waits_for, what: "batch_delay", devices: null },
    }));
    const { user } = show(PATH, fake);
    await user.click(await screen.findByRole("button", { name: "Promote" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(dialog).toHaveTextContent("Ends the wait now: wave 3 begins at once");
    await user.click(within(dialog).getByRole("button", { name: "Promote" }));
    await waitFor(() => {
      expect(fake.count("POST", `/v1/deployments/${ID}/promote`)).toBe(1);
    });
  });

  it("that make no sense now are folded away, each with its reason", async () => {
    const fake = underWay();
    const { user, container } = show(PATH, fake);
    await user.click(await screen.findByText("Not possible now"));
    const start = screen.getByRole("button", { name: "Start" });
    expect(start).toHaveAttribute("aria-disabled", "true");
    expect(start).toHaveAccessibleDescription("It is running; only what is pending can be started.");
    const promote = screen.getByRole("button", { name: "Promote" });
    expect(promote).toHaveAccessibleDescription(/^No wait between waves is under way; it waits for 3 of 5 devices/);
    await screen.findByText("edge-00001");
    await expectAccessible(container);
  });

  it("resume after a breach, accepting its failures by number", async () => {
    const fake = underWay();
    const config = { ...deployment().config, auto_rollback: false };
    fake.deployments = fake.deployments.map((one) => ({ ...one, config, status: "paused" }));
    const breached = { type: "breached", details: { wave: 2, total: 5, failed: 2, tolerated: 1 } } as const;
    fake.events.set(ID, history(waveStarted(1, 5, 1), waveStarted(2, 5, 1), breached));
    const { user } = show(PATH, fake);
    await screen.findByText(/Wave 2 breached/);
    await user.click(await screen.findByRole("button", { name: "Resume" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(dialog).toHaveTextContent("Accepts the 2 failures of wave 2, which exceed its threshold");
    await user.click(within(dialog).getByRole("button", { name: "Resume" }));
    expect(await screen.findByRole("button", { name: "Pause" })).toBeVisible();
    expect(fake.asked.find(({ method }) => method === "POST")?.body).toEqual({ accept_failures: true });
  });

  it("retry those that are chosen, and say to how many that goes", async () => {
    const fake = underWay();
    const config = { ...deployment().config, offline: "skip" as const };
    const counts = { success: 16, failed: 2, skipped: 2 };
    fake.deployments = [deployment({ status: "failed", config, failed_targets: 2, target_counts: counts })];
    fake.events.set(ID, history({ type: "wave_started", details: { wave: 1, total: 20, tolerated: 4, offline: 2 } }));
    const { user, router } = show(PATH, fake);
    await screen.findByText(/2 skipped as offline/);
    await user.click(await screen.findByRole("button", { name: "Retry" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(within(dialog).getAllByRole("radio")).toHaveLength(3);
    await user.click(within(dialog).getByRole("radio", { name: "Only those that were skipped as offline" }));
    expect(dialog).toHaveTextContent("to just the 2 devices that were skipped as offline");
    await expectAccessible(dialog);
    await user.click(within(dialog).getByRole("button", { name: "Retry" }));
    await waitFor(() => {
      expect(router.state.location.pathname).toBe(`/rollouts/${ID}-again`);
    });
    expect(fake.asked.find(({ method }) => method === "POST")?.body).toEqual({ only: ["offline"] });
  });

  it("show in the dialog why the API refused", async () => {
    const fake = underWay();
    fake.refusals.set(`POST /v1/deployments/${ID}/pause`, [problem(409, "conflict", "the deployment is completed")]);
    const { user } = show(PATH, fake);
    await user.click(await screen.findByRole("button", { name: "Pause" }));
    const dialog = await screen.findByRole("alertdialog");
    await user.click(within(dialog).getByRole("button", { name: "Pause" }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("The deployment is completed.");
  });

  it("retry with a key of their own, and lead to the new rollout", async () => {
    const fake = underWay();
    fake.deployments = [deployment({ status: "failed", failed_targets: 2, target_counts: { success: 18, failed: 2 } })];
    const { user, router } = show(PATH, fake);
    await user.click(await screen.findByRole("button", { name: "Retry" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(dialog).toHaveTextContent("to just the 2 devices that failed");
    await user.click(within(dialog).getByRole("button", { name: "Retry" }));
    await waitFor(() => {
      expect(router.state.location.pathname).toBe(`/rollouts/${ID}-again`);
    });
    const asked = fake.asked.find(({ method }) => method === "POST");
    expect(asked?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("of somebody without the right are disabled, can be reached by keys, and say why", async () => {
    const fake = underWay();
    const { user } = show(PATH, fake, ["viewer"]);
    const button = await screen.findByRole("button", { name: "Pause" });
    expect(button).toHaveAttribute("aria-disabled", "true");
    expect(button).toHaveAccessibleDescription("Needs the group “operator”; you are in “viewer”.");
    await user.click(button);
    expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument();
  });
});

describe("a device of a rollout", () => {
  async function rowOf(device: string): Promise<HTMLElement> {
    const list = within(await screen.findByRole("region", { name: "Devices" }));
    const row = (await list.findByRole("link", { name: device })).closest("tr");
    if (row === null) throw new Error(`no row of ${device}`);
    return row;
  }

  it("that is deploying says what it waits for", async () => {
    show(PATH, underWay());
    expect(await rowOf("edge-00008")).toHaveTextContent("edge-00008 is offline since 12:31:05Z, until 12:40:00Z");
  });

  it("that succeeds late after the rollback has ended is shown, and can be returned", async () => {
    const fake = underWay();
    const back = deployment({ status: "rolled_back", rollbacks: 1, target_counts: { rolled_back: 19, failed: 1 } });
    const failed = target(1, "failed", { reason: "timed_out" });
    fake.deployments = [{ ...back, targets: [failed] }];
    fake.targets.set(ID, [failed]);
    const planned = { attempt: 1, jobs: 19, returned_already: 0, moved_on: 0 };
    fake.events.set(ID, history({ type: "rollback_planned", details: planned }));
    const { client } = show(PATH, fake);
    await rowOf("edge-00001");
    expect(screen.queryByRole("button", { name: "Roll back" })).toHaveAttribute("aria-disabled", "true");

    const late = { ...failed, reached_late: true };
    fake.deployments = [{ ...back, targets: [late] }];
    fake.targets.set(ID, [late]);
    void client.refetchQueries({ queryKey: ["deployment", ID], exact: true });
    await waitFor(
      async () => {
        expect(await rowOf("edge-00001")).toHaveTextContent("took it up late");
      },
      { timeout: 10_000 },
    );
    expect(screen.getByRole("button", { name: "Roll back" })).not.toHaveAttribute("aria-disabled");
  });

  it("that took the version up late says so, whatever its status is", async () => {
    const fake = underWay();
    fake.targets.set(ID, [
      target(1, "failed", { reason: "timed_out", reached_late: true }),
      target(2, "skipped", { reached_late: true }),
      target(3, "rolled_back", { reached_late: true }),
      target(4, "success"),
    ]);
    show(PATH, fake);
    expect(await rowOf("edge-00001")).toHaveTextContent(
      "took it up late, after it was given up; did not answer in time",
    );
    expect(await rowOf("edge-00002")).toHaveTextContent("took it up late, after it was given up");
    expect(await rowOf("edge-00003")).toHaveTextContent("had taken it up late");
    expect(await rowOf("edge-00004")).not.toHaveTextContent("late");
  });

  it("can be skipped while it is waited for, after its dialog has said what that does", async () => {
    const fake = underWay();
    const { user } = show(PATH, fake);
    expect(within(await rowOf("edge-00007")).queryByRole("button")).not.toBeInTheDocument();
    await user.click(within(await rowOf("edge-00008")).getByRole("button", { name: "Skip" }));
    const dialog = await screen.findByRole("alertdialog", { name: "Skip: edge-00008?" });
    expect(dialog).toHaveTextContent("Wave 2 then has 2 failures; 1 may fail.");
    expect(dialog).toHaveTextContent("That is a breach: every device that was reached is rolled back.");
    await expectAccessible(dialog);
    const skip = `/v1/deployments/${ID}/targets/edge-00008/skip`;
    expect(fake.count("POST", skip)).toBe(0);
    await user.click(within(dialog).getByRole("button", { name: "Skip" }));
    await waitFor(async () => {
      expect(await rowOf("edge-00008")).toHaveTextContent("was given up");
    });
    expect(fake.count("POST", skip)).toBe(1);
  });

  it("cannot be skipped while the rollout is being cancelled", async () => {
    const fake = underWay();
    fake.deployments = fake.deployments.map((one) => ({ ...one, status: "cancelling" }));
    show(PATH, fake);
    expect(within(await rowOf("edge-00008")).queryByRole("button")).not.toBeInTheDocument();
  });

  it("cannot be skipped without the right", async () => {
    const fake = underWay();
    show(PATH, fake, ["viewer"]);
    const button = within(await rowOf("edge-00008")).getByRole("button", { name: "Skip" });
    expect(button).toHaveAttribute("aria-disabled", "true");
    expect(button).toHaveAccessibleDescription(/Needs the group/);
  });
});
