import { setupServer } from "msw/node";

/** Stands where the network is; each test says what answers. */
export const server = setupServer();
