import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { server } from "./server";

// A virtual list asks how large it is; jsdom lays nothing out.
Object.defineProperties(HTMLElement.prototype, {
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
