import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { API, FakeApi } from "../testing/fake-api";
import { expectAccessible } from "../testing/render";
import { server } from "../testing/server";
import { fakeToken } from "../testing/tokens";
import { Gate } from "./gate";

const CONFIG = {
  api_url: API,
  authorize_url: "https://auth.test/oauth2/authorize",
  token_url: "https://auth.test/oauth2/token",
  client_id: "console",
};

function served({ refresh = true }: { refresh?: boolean } = {}): FakeApi {
  const fake = new FakeApi();
  const token = fakeToken({ username: "alice", "cognito:groups": ["operator"] });
  server.use(
    ...fake.handlers(),
    http.get("https://console.test/config.json", () => HttpResponse.json(CONFIG)),
    http.post(CONFIG.token_url, async ({ request }) => {
      const grant = new URLSearchParams(await request.text()).get("grant_type");
      if (grant === "refresh_token" && !refresh) return HttpResponse.json({ error: "invalid_grant" }, { status: 400 });
      return HttpResponse.json({ access_token: token, refresh_token: "r", expires_in: 3_600 });
    }),
  );
  return fake;
}

/** Open the console at this address; returns where it sent the browser. */
function open(path: string) {
  window.history.replaceState(null, "", path);
  const go = vi.fn<(address: string) => void>();
  return { ...render(<Gate go={go} />), go };
}

async function signedIn() {
  const { go, unmount } = open("/fleet");
  await waitFor(() => {
    expect(go).toHaveBeenCalled();
  });
  unmount();
  const state = new URL(go.mock.calls[0]?.[0] ?? "").searchParams.get("state") ?? "";
  return open(`/?code=the-code&state=${state}`);
}

beforeEach(() => {
  window.history.replaceState(null, "", "/");
});

describe("opening the console", () => {
  it("goes to the sign-in page, and comes back to where one wanted to be", async () => {
    served();
    await signedIn();
    expect(await screen.findByRole("heading", { name: "Fleet" })).toBeVisible();
    expect(window.location.pathname + window.location.search).toBe("/fleet");
    expect(screen.getByText("alice")).toBeVisible();
  });

  it("says that it is not set up, and what is missing", async () => {
    server.use(http.get("https://console.test/config.json", () => HttpResponse.json({ ...CONFIG, api_url: "" })));
    const { go } = open("/");
    expect(await screen.findByRole("alert")).toHaveTextContent("api_url must be an address");
    expect(go).not.toHaveBeenCalled();
  });

  it("shows a refused sign-in with its reason and a way to try again, and no code in the address", async () => {
    served();
    const { go, container } = open("/?error=access_denied&error_description=User+is+disabled&state=s");
    expect(await screen.findByRole("alert")).toHaveTextContent("User is disabled");
    expect(window.location.search).toBe("");
    await expectAccessible(container);
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await waitFor(() => {
      expect(go).toHaveBeenCalledOnce();
    });
  });
});

describe("a session", () => {
  it("that the API does not take any more ends with a sentence, at the same address", async () => {
    const fake = served({ refresh: false });
    fake.refusals.set("GET /v1/devices", [new Response(null, { status: 401 })]);
    await signedIn();
    expect(await screen.findByText(/^Your session has ended/)).toBeVisible();
    expect(window.location.pathname).toBe("/fleet");
  });

  it("ends when one signs out", async () => {
    served();
    await signedIn();
    await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
    expect(await screen.findByText("You are signed out.")).toBeVisible();
    expect(screen.queryByRole("heading", { name: "Fleet" })).not.toBeInTheDocument();
  });
});

describe("colours", () => {
  it("are kept as chosen", async () => {
    served();
    await signedIn();
    await userEvent.selectOptions(await screen.findByRole("combobox", { name: "Colours" }), "Dark");
    expect(document.documentElement).toHaveAttribute("data-theme", "dark");
    await userEvent.selectOptions(screen.getByRole("combobox", { name: "Colours" }), "System");
    expect(document.documentElement).not.toHaveAttribute("data-theme");
  });
});
