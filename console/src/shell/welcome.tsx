import type { ReactNode } from "react";
import { texts } from "../texts";
import { Logo } from "./logo";

/** What is shown to somebody who is not signed in: why, and the way in. */
export function Welcome({ note, children }: { note?: ReactNode; children?: ReactNode }) {
  return (
    <main className="welcome">
      <div className="welcome-card">
        <Logo />
        <h1>{texts.signIn.title}</h1>
        <p className="muted">{texts.signIn.lead}</p>
        {note}
        {children}
      </div>
    </main>
  );
}
