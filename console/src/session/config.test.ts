import { http, HttpResponse } from "msw";
import { describe, expect, it } from "vitest";
import { server } from "../testing/server";
import { loadConfig, readConfig } from "./config";

const GOOD = {
  api_url: "https://api.test/api",
  authorize_url: "https://auth.test/oauth2/authorize",
  token_url: "https://auth.test/oauth2/token",
  client_id: "console",
};

describe("the configuration", () => {
  it("has defaults for what a stack need not say", () => {
    expect(readConfig(GOOD)).toEqual({
      ...GOOD,
      logout_url: null,
      scopes: ["openid", "edgeflow/read", "edgeflow/flows", "edgeflow/deploy"],
    });
  });

  it("names everything that is wrong at once", () => {
    const read = () => readConfig({ ...GOOD, api_url: "javascript:alert(1)", token_url: 7, client_id: "" });
    expect(read).toThrow(/client_id.*api_url.*token_url/);
  });

  it.each([null, [], "text", 7])("is no %j", (content) => {
    expect(() => readConfig(content)).toThrow("/config.json");
  });

  it.each([
    [new HttpResponse(null, { status: 403 }), "(403)"],
    [new HttpResponse("<html>"), "not a JSON object"],
    [HttpResponse.error(), "could not be loaded"],
  ])("that cannot be loaded says what to do", async (response, sentence) => {
    server.use(http.get("https://console.test/config.json", () => response));
    await expect(loadConfig()).rejects.toThrow(sentence);
  });
});
