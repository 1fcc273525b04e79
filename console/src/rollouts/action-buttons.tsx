import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createKeys } from "../api/idempotency";
import type { Deployment } from "../api/types";
import { ConfirmButton, RefusedButton } from "../components/confirm";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { actionsOf, type Action, type Way } from "./actions";
import type { Known } from "./late";

/** What can be done to this rollout now, and, folded away, what cannot and why. */
export function ActionButtons({ deployment, known }: { deployment: Deployment; known: Known }) {
  const { api, user } = useConsole();
  const client = useQueryClient();
  const navigate = useNavigate();
  // Of this page's retries: pressing again after an answer that was lost does nothing twice.
  const [keyOf] = useState(createKeys);

  async function act({ name, body }: Action, way: Way) {
    const path = `/v1/deployments/${encodeURIComponent(deployment.id)}/${name}`;
    const sent = body(way);
    const options = { ...(sent ? { body: sent } : {}), ...(name === "retry" ? { idempotencyKey: keyOf(sent) } : {}) };
    const answer = (await api.send("POST", path, options)) as Deployment;
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
