import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Api } from "../api/client";
import { createKeys } from "../api/idempotency";
import type { Deployment } from "../api/types";
import { ConfirmButton, RefusedButton } from "../components/confirm";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { actionsOf, type Action, type ActionCall, type Way } from "./actions";
import type { Known } from "./late";

/** What can be done to this rollout now, and, folded away, what cannot and why. */
export function ActionButtons({ deployment, known }: { deployment: Deployment; known: Known }) {
  const { api, user } = useConsole();
  const client = useQueryClient();
  const navigate = useNavigate();
  // Of this page's retries: pressing again after an answer that was lost does nothing twice.
  const [keyOf] = useState(createKeys);

  async function act({ call }: Action, way: Way) {
    const answer = await send(api, deployment.id, call(way), keyOf);
    client.setQueryData(["deployment", answer.id], answer);
    void client.invalidateQueries({ queryKey: ["deployments"] });
    if (answer.id !== deployment.id) await navigate({ to: "/rollouts/$id", params: { id: answer.id } });
  }

  const actions = actionsOf(deployment, user, known);
  return (
    <div className="actions" role="group" aria-label={texts.actions.label}>
      {actions
        .filter((action) => action.fits)
        .map((action) => (
          <ConfirmButton
            key={action.name}
            label={action.label}
            title={texts.actions.confirm(action.label, deployment.id)}
            options={action.options}
            refusal={action.refusal}
            danger={action.danger}
            act={(way) => act(action, way)}
          />
        ))}
      <NotNow actions={actions.filter((action) => !action.fits)} />
    </div>
  );
}

function NotNow({ actions }: { actions: readonly Action[] }) {
  return (
    <details className="not-now">
      <summary className="button button-quiet">{texts.actions.others}</summary>
      <ul>
        {actions.map(({ name, label, refusal }) => (
          <li key={name}>
            <RefusedButton label={label} refusal={refusal ?? ""} />
          </li>
        ))}
      </ul>
    </details>
  );
}

async function send(
  api: Api,
  id: string,
  { name, body }: ActionCall,
  keyOf: ReturnType<typeof createKeys>,
): Promise<Deployment> {
  const path = { deployment_id: id };
  switch (name) {
    case "resume":
      return (await api.post("/v1/deployments/{deployment_id}/resume", { path, body })) as Deployment;
    case "retry": {
      const header = { "Idempotency-Key": keyOf(body) };
      return (await api.post("/v1/deployments/{deployment_id}/retry", { path, header, body })) as Deployment;
    }
    default:
      return (await api.post(`/v1/deployments/{deployment_id}/${name}`, { path })) as Deployment;
  }
}
