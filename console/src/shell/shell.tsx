import { Link, Outlet } from "@tanstack/react-router";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { list } from "../wording";
import { Logo } from "./logo";
import { ThemeChoice } from "./theme";

const PLACES = [
  { to: "/rollouts", label: texts.nav.rollouts },
  { to: "/fleet", label: texts.nav.fleet },
  { to: "/flows", label: texts.nav.flows },
] as const;

/** What stands around every page: where one can go, and who is signed in. */
export function Shell() {
  const { user, signOut } = useConsole();
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {texts.nav.skip}
      </a>
      <header className="side">
        <Link to="/rollouts" className="brand">
          <Logo />
          {texts.product}
        </Link>
        <nav aria-label={texts.nav.label} className="nav">
          {PLACES.map(({ to, label }) => (
            <Link key={to} to={to} className="nav-link" activeProps={{ className: "nav-link nav-here" }}>
              {label}
            </Link>
          ))}
        </nav>
        <div className="side-foot">
          <ThemeChoice />
          <div className="whoami">
            <span className="whoami-name">{user.name}</span>
            <span className="muted">{user.groups.length ? list(user.groups) : texts.common.none}</span>
          </div>
          <button type="button" className="button button-quiet" onClick={signOut}>
            {texts.nav.signOut}
          </button>
        </div>
      </header>
      <main id="content" className="content" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
