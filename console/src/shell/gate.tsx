import { useCallback, useEffect, useRef, useState } from "react";
import { createApi, type Api } from "../api/client";
import { App } from "../app";
import { ConfigError, loadConfig } from "../session/config";
import { Session, SignInError } from "../session/session";
import type { User } from "../session/rights";
import { texts } from "../texts";
import { asApiError } from "../api/errors";
import { Welcome } from "./welcome";

type Stage =
  | { at: "loading" }
  | { at: "unusable"; message: string }
  | { at: "outside"; session: Session; message: string | null; bad: boolean }
  | { at: "leaving" }
  | { at: "inside"; api: Api; user: User };

/** Loads the configuration, finishes or begins a sign-in, and shows the console to whoever is signed in. */
export function Gate({ go }: { go: (address: string) => void }) {
  const [stage, setStage] = useState<Stage>({ at: "loading" });
  const current = useRef<Session | null>(null);
  const opened = useRef(false);

  const leave = useCallback(
    async (session: Session, returnTo: string) => {
      setStage({ at: "leaving" });
      go(await session.begin(returnTo));
    },
    [go],
  );

  const open = useCallback(async () => {
    const config = await loadConfig();
    const session = new Session(config, () => {
      setStage({ at: "outside", session, message: texts.signIn.ended, bad: false });
    });
    current.current = session;
    const address = new URL(window.location.href);
    try {
      const returnTo = await session.complete(address);
      if (returnTo === null) {
        // A signed-in user who reloads comes back at once: the sign-in pages still know them.
        await leave(session, address.pathname + address.search);
        return;
      }
      window.history.replaceState(null, "", returnTo);
    } catch (error) {
      window.history.replaceState(null, "", "/");
      const message = error instanceof SignInError ? error.message : asApiError(error).message;
      setStage({ at: "outside", session, message, bad: true });
      return;
    }
    const user = session.user;
    if (user !== null) setStage({ at: "inside", api: createApi(config.api_url, session), user });
  }, [leave]);

  useEffect(() => {
    if (opened.current) return; // the code of a sign-in can be used once
    opened.current = true;
    open().catch((error: unknown) => {
      setStage({ at: "unusable", message: error instanceof ConfigError ? error.message : asApiError(error).message });
    });
  }, [open]);

  const signOut = useCallback(() => {
    const session = current.current;
    if (session === null) return;
    const address = session.signOut();
    setStage({ at: "outside", session, message: texts.signIn.signedOut, bad: false });
    if (address !== null) go(address);
  }, [go]);

  switch (stage.at) {
    case "loading":
      return <p className="boot muted">{texts.common.loading}</p>;
    case "leaving":
      return <p className="boot muted">{texts.signIn.leaving}</p>;
    case "unusable":
      return (
        <main className="welcome">
          <div className="welcome-card" role="alert">
            <h1>{texts.config.title}</h1>
            <p>{stage.message}</p>
          </div>
        </main>
      );
    case "outside":
      return (
        <Welcome
          note={
            stage.message !== null && (
              <p className={`notice ${stage.bad ? "notice-bad" : ""}`} role={stage.bad ? "alert" : "status"}>
                {stage.message}
              </p>
            )
          }
        >
          <button
            type="button"
            className="button button-main button-wide"
            onClick={() => void leave(stage.session, window.location.pathname + window.location.search)}
          >
            {texts.signIn.button}
          </button>
        </Welcome>
      );
    case "inside":
      return <App api={stage.api} user={stage.user} signOut={signOut} />;
  }
}
