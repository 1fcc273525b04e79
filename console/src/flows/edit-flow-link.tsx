import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createKeys } from "../api/idempotency";
import type { Flow } from "../api/types";
import { ConfirmButton, RefusedButton } from "../components/confirm";
import { useConsole } from "../session/context";
import { whyNot } from "../session/rights";
import { texts } from "../texts";

const words = texts.flow;

/** Leads to the editor; of a published flow the next draft is opened first. */
export function EditFlowLink({ flow }: { flow: Flow }) {
  const { api, user } = useConsole();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [keyOf] = useState(createKeys);
  const { id, status, latest_version: version } = flow;
  const refusal = whyNot(user, "author") ?? (status === "archived" ? words.archived : null);
  if (refusal !== null) return <RefusedButton label={words.edit} refusal={refusal} />;
  if (status === "draft") {
    return (
      <Link to="/flows/$id/edit" params={{ id }} className="button">
        {words.edit}
      </Link>
    );
  }
  const { label, title, consequences } = words.openDraft;
  return (
    <ConfirmButton
      label={label}
      title={title}
      options={[{ value: "draft", label, consequences }]}
      refusal={null}
      act={async () => {
        const opened = (await api.post("/v1/flows/{flow_id}/draft", {
          path: { flow_id: id },
          header: { "Idempotency-Key": keyOf({ version }) },
        })) as Flow;
        client.setQueryData(["flow", id], opened);
        void client.invalidateQueries({ queryKey: ["flows"] });
        await navigate({ to: "/flows/$id/edit", params: { id } });
      }}
    />
  );
}
