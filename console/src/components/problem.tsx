import { asApiError } from "../api/errors";
import { texts } from "../texts";

/** What went wrong, in sentences, and a button to try again where that makes sense. */
export function ProblemNotice({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const problem = asApiError(error);
  return (
    <div className="notice notice-bad" role="alert">
      <p>
        <b>{texts.errors.title}.</b> {problem.message}
      </p>
      {problem.faults.length > 0 && (
        <ul>
          {problem.faults.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      )}
      {problem.requestId !== null && <p className="muted mono">{texts.common.requestId(problem.requestId)}</p>}
      {retry && (
        <button type="button" className="button" onClick={retry}>
          {texts.common.tryAgain}
        </button>
      )}
    </div>
  );
}
