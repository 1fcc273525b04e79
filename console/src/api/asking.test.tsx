// How often the console asks: pages as they are, an hour of made-up time, and the requests that reach the API.

import { act, fireEvent } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeApi } from "../testing/fake-api";
import { deployment, device, flow, version } from "../testing/fixtures";
import { show } from "../testing/render";
import { number } from "../wording";
import { CALM, requestsAtRest } from "./polling";

const HOUR = 3_600_000;
const LONG = 60_000; // for a test that draws many rows hundreds of times

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
});
afterEach(() => {
  look("visible");
  vi.useRealTimers();
});

type Shown = ReturnType<typeof show>;

/** Let this much time pass, in milliseconds, from one timer to the next; each answer comes before the next timer. */
async function pass(shown: Shown, duration: number): Promise<void> {
  await answered(shown);
  const end = Date.now() + duration;
  setTimeout(() => undefined, duration); // a timer at the end itself
  while (Date.now() < end) {
    await act(() => vi.advanceTimersToNextTimerAsync());
    await answered(shown);
  }
}

/** Wait until the page shows all answers: a turn without a question is followed by none with one. */
async function answered({ client }: Shown): Promise<void> {
  for (let still = 0; still < 3; still = client.isFetching() > 0 ? 0 : still + 1) {
    await act(async () => {
      await new Promise((done) => setImmediate(done));
      await vi.advanceTimersByTimeAsync(0);
    });
  }
}

function look(visibility: DocumentVisibilityState): void {
  Object.defineProperty(document, "visibilityState", { configurable: true, value: visibility });
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}

/** Scroll the table down until all rows are loaded. */
async function scroll(shown: Shown, rows: number): Promise<void> {
  await pass(shown, 100);
  const table = shown.getByRole("group");
  for (let pages = 0; shown.queryByText(`${number(rows)} in all`) === null; pages += 1) {
    if (pages > rows / 100) throw new Error(`there are not ${String(rows)} rows after ${String(pages)} pages`);
    table.scrollTop = pages * 100 * 36;
    fireEvent.scroll(table);
    await pass(shown, 300);
  }
}

function world(): FakeApi {
  const fake = new FakeApi();
  fake.deployments = [deployment({ id: "dep_1", status: "completed" }), deployment({ id: "dep_2", status: "running" })];
  fake.devices = [device("edge-1")];
  fake.flows = [flow()];
  fake.versions = [version(4)];
  return fake;
}

describe("an hour at rest", () => {
  it.each([
    ["/rollouts", 34],
    ["/rollouts?status=running", 34],
    ["/rollouts/dep_1", 36], // and its targets and history once
    ["/rollouts/dep_2", 186], // under way
    ["/fleet", 69], // the list and the counts; the flows' names once
    ["/fleet/edge-1", 68], // itself and its rollouts
    ["/flows", 34],
    ["/flows/flow_01JDTEMPERATURE", 34],
  ])("costs %s this many requests: %i", async (path, requests) => {
    const fake = world();
    await pass(show(path, fake), HOUR);
    expect(fake.asked).toHaveLength(requests);
  });

  it(
    "costs a list that was scrolled through no more than one page that changes all the time",
    async () => {
      const fake = world();
      fake.deployments = Array.from({ length: 300 }, (_, index) => deployment({ id: `dep_${index + 1}` }));
      const shown = show("/rollouts", fake);
      await scroll(shown, 300);
      const before = fake.asked.length;
      expect(before).toBe(3);
      await pass(shown, HOUR);
      expect(fake.asked).toHaveLength(requestsAtRest(CALM, 3));
      expect(fake.asked.length).toBeLessThan(HOUR / CALM.first);
    },
    LONG,
  );
});

describe("a list stays live", () => {
  it.each([
    [
      "/rollouts",
      (fake: FakeApi) => (fake.deployments = [deployment({ id: "dep_new" }), ...fake.deployments]),
      "dep_new",
    ],
    ["/fleet", (fake: FakeApi) => (fake.devices = [device("edge-0"), ...fake.devices]), "edge-0"],
    ["/flows", (fake: FakeApi) => (fake.flows = [flow({ id: "flow_2", name: "Frost" }), ...fake.flows]), "Frost"],
  ])("%s shows within 15 s what is new", async (path, change, name) => {
    const fake = world();
    const shown = show(path, fake);
    await pass(shown, 1_000);
    change(fake);
    await pass(shown, 15_000);
    expect(shown.getByRole("link", { name })).toBeVisible();
  });

  it(
    "also beyond its first page",
    async () => {
      const fake = world();
      fake.devices = Array.from({ length: 250 }, (_, index) => device(`edge-${String(index + 1).padStart(5, "0")}`));
      const shown = show("/fleet", fake);
      await scroll(shown, 250);
      fake.devices = [...fake.devices, device("edge-00251")];
      await pass(shown, 3 * 15_000);
      expect(shown.getByText("251 in all")).toBeVisible();
    },
    LONG,
  );

  it("shows a version that somebody else has published, without asking for versions before there is one", async () => {
    const fake = world();
    const shown = show("/flows/flow_01JDTEMPERATURE", fake);
    await pass(shown, 1_000);
    fireEvent.mouseDown(shown.getByRole("tab", { name: "Versions" }));
    await pass(shown, HOUR);
    expect(fake.count("GET", "/v1/flows/flow_01JDTEMPERATURE/versions")).toBe(1);
    fake.flows = [flow({ latest_version: 5 })];
    fake.versions = [version(5), version(4)];
    await pass(shown, CALM.most);
    expect(shown.getByRole("cell", { name: "v5" })).toBeVisible();
  });
});

describe("a hidden tab", () => {
  it.each(["/rollouts", "/rollouts/dep_1", "/fleet", "/fleet/edge-1", "/flows", "/flows/flow_01JDTEMPERATURE"])(
    "of %s asks nothing, and once when it is looked at again",
    async (path) => {
      const fake = world();
      const shown = show(path, fake);
      await pass(shown, 60_000);
      look("hidden");
      const before = fake.asked.length;
      await pass(shown, HOUR);
      expect(fake.asked.length).toBe(before);
      look("visible");
      await pass(shown, 1_000);
      const again = fake.asked.slice(before).map(({ path: asked, query }) => `${asked}?${query.toString()}`);
      expect(again.length).toBeGreaterThan(0);
      expect(again).toEqual([...new Set(again)]);
    },
  );
});
