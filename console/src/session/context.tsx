import { createContext, use } from "react";
import type { Api } from "../api/client";
import type { User } from "./rights";

export type Console = {
  api: Api;
  user: User;
  signOut: () => void;
};

export const ConsoleContext = createContext<Console | null>(null);

/** Who is signed in, and the API in their name. */
export function useConsole(): Console {
  const found = use(ConsoleContext);
  if (found === null) throw new Error("useConsole needs a ConsoleContext around it");
  return found;
}
