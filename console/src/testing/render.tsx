import { createMemoryHistory } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect } from "vitest";
import { createApi } from "../api/client";
import { App, createQueryClient } from "../app";
import { createConsoleRouter } from "../router";
import { API, type FakeApi } from "./fake-api";
import { server } from "./server";

const TOKENS = { current: () => Promise.resolve("token"), renew: () => Promise.resolve("token") };

/** Show the console at this path, for somebody in these groups, with this API behind it. */
export function show(path: string, fake: FakeApi, groups: string[] = ["operator", "author", "viewer"]) {
  server.use(...fake.handlers());
  const router = createConsoleRouter(createMemoryHistory({ initialEntries: [path] }));
  const client = createQueryClient();
  client.setDefaultOptions({ queries: { ...client.getDefaultOptions().queries, retry: false } });
  const shown = render(
    <App
      api={createApi(API, TOKENS)}
      user={{ name: "alice", groups }}
      signOut={() => undefined}
      router={router}
      client={client}
    />,
  );
  return { ...shown, router, client, user: userEvent.setup() };
}

/** No finding of axe-core; colours are looked at in a browser, jsdom paints none. */
export async function expectAccessible(element: HTMLElement): Promise<void> {
  const { violations } = await axe.run(element, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
}
