import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { PageHead } from "../components/panel";
import { texts } from "../texts";

export function NotFoundPage() {
  return (
    <div className="page">
      <PageHead title={texts.errors.notFoundTitle} lead={texts.errors.notFound} />
      <p>
        <Link to="/rollouts">{texts.nav.rollouts}</Link>
      </p>
    </div>
  );
}

/** Shown in place of a page that threw. */
export function CrashPage({ error }: ErrorComponentProps) {
  return (
    <div className="page">
      <div className="notice notice-bad" role="alert">
        <p>{texts.errors.crashed}</p>
        <p className="mono">{error instanceof Error ? error.message : String(error)}</p>
        <button
          type="button"
          className="button"
          onClick={() => {
            window.location.reload();
          }}
        >
          {texts.common.reload}
        </button>
      </div>
    </div>
  );
}
