import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { editedFlowQuery, nodeTypesQuery } from "../api/queries";
import { PageHead } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { useConsole } from "../session/context";
import { texts } from "../texts";

const words = texts.editor;

// Larger than the rest of the console: it comes when somebody edits.
const Editor = lazy(() => import("./editor/editor"));

/** The editor of a flow's draft. */
export function EditFlowPage({ id }: { id: string }) {
  const { api } = useConsole();
  const opened = useQuery(editedFlowQuery(api, id));
  const types = useQuery(nodeTypesQuery(api));
  const error = opened.error ?? types.error;
  const name = opened.data?.flow.name ?? id;
  return (
    <div className="page">
      <PageHead
        back={
          <Link to="/flows/$id" params={{ id }} className="back">
            {words.back(name)}
          </Link>
        }
        title={words.title(name)}
      />
      {error && (
        <ProblemNotice
          error={error}
          retry={() => {
            void opened.refetch();
            void types.refetch();
          }}
        />
      )}
      {opened.data && types.data ? (
        <Suspense fallback={<p className="muted">{texts.common.loading}</p>}>
          <Editor opened={opened.data} types={types.data} />
        </Suspense>
      ) : (
        !error && <p className="muted">{texts.common.loading}</p>
      )}
    </div>
  );
}
