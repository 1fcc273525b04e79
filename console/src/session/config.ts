import { texts } from "../texts";

/** What differs between stacks; the file is written when the console is deployed. */
export type Config = {
  /** Ends before `/v1`. */
  api_url: string;
  authorize_url: string;
  token_url: string;
  /** Where signing out ends the session of the sign-in pages as well; without it only the console forgets its tokens. */
  logout_url: string | null;
  client_id: string;
  scopes: string[];
};

export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConfigError";
  }
}

/** Fetch and check `/config.json`. Throws `ConfigError` that names what is missing. */
export async function loadConfig(): Promise<Config> {
  let response: Response;
  try {
    response = await fetch("/config.json", { cache: "no-cache" });
  } catch {
    throw new ConfigError(texts.config.unreachable);
  }
  if (!response.ok) throw new ConfigError(texts.config.missing(response.status));
  let content: unknown;
  try {
    content = await response.json();
  } catch {
    throw new ConfigError(texts.config.notJson);
  }
  return readConfig(content);
}

export function readConfig(content: unknown): Config {
  if (typeof content !== "object" || content === null) throw new ConfigError(texts.config.notJson);
  const given = content as Record<string, unknown>;
  const faults: string[] = [];

  function address(key: string): string {
    const value = given[key];
    if (typeof value === "string" && /^https?:\/\//.test(value)) return value;
    faults.push(texts.config.notAnAddress(key));
    return "";
  }

  const clientId = given.client_id;
  if (typeof clientId !== "string" || clientId === "") faults.push(texts.config.missingKey("client_id"));
  const scopes = given.scopes;
  const config: Config = {
    api_url: address("api_url"),
    authorize_url: address("authorize_url"),
    token_url: address("token_url"),
    logout_url: given.logout_url === undefined || given.logout_url === null ? null : address("logout_url"),
    client_id: String(clientId),
    scopes: Array.isArray(scopes)
      ? scopes.map(String)
      : ["openid", "edgeflow/read", "edgeflow/flows", "edgeflow/deploy"],
  };
  if (faults.length) throw new ConfigError(faults.join(" "));
  return config;
}
