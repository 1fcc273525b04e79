import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Api } from "./api/client";
import { asApiError } from "./api/errors";
import { createConsoleRouter, type ConsoleRouter } from "./router";
import { ConsoleContext } from "./session/context";
import type { User } from "./session/rights";

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1_000,
        // One more try at once; after that the interval goes on, with longer pauses.
        retry: (failures, error) => failures < 1 && asApiError(error).passing,
      },
    },
  });
}

/** The console for somebody who is signed in. */
export function App({
  api,
  user,
  signOut,
  router,
  client,
}: {
  api: Api;
  user: User;
  signOut: () => void;
  router?: ConsoleRouter;
  client?: QueryClient;
}) {
  const queries = useMemo(() => client ?? createQueryClient(), [client]);
  const routes = useMemo(() => router ?? createConsoleRouter(), [router]);
  const context = useMemo(() => ({ api, user, signOut }), [api, user, signOut]);
  return (
    <ConsoleContext value={context}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={routes} />
      </QueryClientProvider>
    </ConsoleContext>
  );
}
