import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { server } from "./server";

// Only a failing test waits that long; a busy machine needs some of it.
configure({ asyncUtilTimeout: 20_000 });

// A virtual list asks how large it and its rows are; jsdom lays nothing out.
Object.defineProperties(HTMLElement.prototype, {
  offsetHeight: { configurable: true, get: () => 36 },
  clientHeight: { configurable: true, get: () => 700 },
  clientWidth: { configurable: true, get: () => 1_000 },
});

/** Nothing here changes its size. */
class StillObserver implements ResizeObserver {
  observe = ignore;
  unobserve = ignore;
  disconnect = ignore;
}
function ignore(): void {
  // jsdom has neither sizes nor scrolling.
}
Object.assign(window, { ResizeObserver: StillObserver, scrollTo: ignore });

beforeAll(() => {
  server.listen({ onUnhandledRequest: "error" });
});
afterEach(() => {
  cleanup();
  server.resetHandlers();
  localStorage.clear();
  sessionStorage.clear();
});
afterAll(() => {
  server.close();
});
