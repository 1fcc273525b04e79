import type { Connection } from "./filters";

/** How a device is connected, in the word that the console has for it. Null: AWS IoT has not told of it yet. */
export function connectionOf({ connected }: { connected: boolean | null }): Connection {
  if (connected === null) return "unheard";
  return connected ? "connected" : "disconnected";
}
