import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FakeApi, problem } from "../testing/fake-api";
import { deployment } from "../testing/fixtures";
import { expectAccessible, show } from "../testing/render";

function withDeployments(count: number): FakeApi {
  const fake = new FakeApi();
  fake.deployments = Array.from({ length: count }, (_, index) =>
    deployment({
      id: `dep_${String(count - index).padStart(5, "0")}`,
      status: index % 2 === 0 ? "running" : "failed",
      failed_targets: index % 2,
      target_counts: { success: 9, failed: index % 2, open: 11 - (index % 2) },
    }),
  );
  return fake;
}

describe("the list of rollouts", () => {
  it("shows each with its status, flow, progress and failures", async () => {
    const { container } = show("/rollouts", withDeployments(2));
    const row = (await screen.findByRole("link", { name: "dep_00001" })).closest("tr");
    expect(row).not.toBeNull();
    const cells = within(row as HTMLElement);
    expect(cells.getByText("Failed")).toBeVisible();
    expect(cells.getByText("10 of 20")).toBeVisible();
    expect(cells.getByRole("img", { name: "9 succeeded, 1 failed, 10 not reached" })).toBeVisible();
    await expectAccessible(container);
  });

  it("keeps few rows in the page however long it is, and loads pages as they are scrolled to", async () => {
    const fake = withDeployments(450);
    show("/rollouts", fake);
    await screen.findByRole("link", { name: "dep_00450" });
    await screen.findByText("100 loaded, more below");
    expect(screen.getAllByRole("row").length).toBeLessThan(60);
    // On a busy machine the first page may have been asked for anew by now; no further one was.
    expect(fake.asked.filter(({ query }) => query.get("cursor") !== null)).toEqual([]);
  });

  it("asks the API for one status, and keeps the filter in the address", async () => {
    const fake = withDeployments(4);
    const { user, router } = show("/rollouts", fake);
    await user.click(await screen.findByRole("radio", { name: "Failed" }));
    await waitFor(() => {
      expect(router.state.location.search).toEqual({ status: "failed" });
    });
    await waitFor(() => {
      expect(screen.queryByRole("link", { name: "dep_00004" })).not.toBeInTheDocument();
    });
    expect(fake.asked.at(-1)?.query.get("status")).toBe("failed");
  });

  it("takes a filter from the address", async () => {
    show("/rollouts?status=failed", withDeployments(2));
    expect(await screen.findByRole("radio", { name: "Failed" })).toBeChecked();
    expect(await screen.findByRole("link", { name: "dep_00001" })).toBeVisible();
  });

  it("ignores a filter that it does not know, and says that there is nothing", async () => {
    show("/rollouts?status=exploded", withDeployments(0));
    expect(await screen.findByText("No deployment has been created yet.")).toBeVisible();
  });

  it("says what went wrong, and tries again when asked", async () => {
    const fake = withDeployments(1);
    fake.refusals.set("GET /v1/deployments", [problem(500, "internal", "an internal error; the logs have more")]);
    const { user } = show("/rollouts", fake);
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("An internal error; the logs have more.");
    expect(alert).toHaveTextContent("Request req-1");
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: "dep_00001" })).toBeVisible();
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });
});
