import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Deployment } from "../api/types";
import { ConfirmButton } from "../components/confirm";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { actionsOf, type Action, type ActionName } from "./actions";

/** What can be done to this rollout. */
export function ActionButtons({ deployment }: { deployment: Deployment }) {
  const { api, user } = useConsole();
  const client = useQueryClient();
  const navigate = useNavigate();
  // One key for this page's retry: pressing again after an answer that was lost does nothing twice.
  const [idempotencyKey] = useState(() => crypto.randomUUID());

  async function act(name: ActionName, body?: Action["body"]) {
    const path = `/v1/deployments/${encodeURIComponent(deployment.id)}/${name}`;
    const options = { ...(body ? { body } : {}), ...(name === "retry" ? { idempotencyKey } : {}) };
    const answer = (await api.send("POST", path, options)) as Deployment;
    client.setQueryData(["deployment", answer.id], answer);
    void client.invalidateQueries({ queryKey: ["deployments"] });
    if (answer.id !== deployment.id) await navigate({ to: "/rollouts/$id", params: { id: answer.id } });
  }

  return (
    <div className="actions" role="group" aria-label={texts.actions.label}>
      {actionsOf(deployment, user).map((action) => (
        <ConfirmButton
          key={action.name}
          label={action.label}
          title={texts.actions.confirm(action.label, deployment.id)}
          consequences={action.consequences}
          refusal={action.refusal}
          danger={action.danger}
          act={() => act(action.name, action.body)}
        />
      ))}
    </div>
  );
}
