import { useQueryClient } from "@tanstack/react-query";
import { createContext, use } from "react";
import type { Deployment, Target } from "../api/types";
import { ConfirmButton } from "../components/confirm";
import { useConsole } from "../session/context";
import { whyNot } from "../session/rights";
import { texts } from "../texts";
import { skipping } from "./consequences";
import type { Wave } from "./waves";

/** What rows are about. Cells are made once, so that an open dialog stays while the rollout changes. */
export const SkipContext = createContext<{ deployment: Deployment; waves: readonly Wave[] } | null>(null);

/** Gives up on a device that is waited for; nothing where nobody waits. */
export function SkipButton({ target }: { target: Target }) {
  const { api, user } = useConsole();
  const client = useQueryClient();
  const about = use(SkipContext);
  if (about === null || target.status !== "deploying" || !canSkip(about.deployment)) return null;
  const { deployment, waves } = about;
  const { id } = deployment;
  const wave = waves.find((one) => one.number === target.wave);

  async function act() {
    const path = { deployment_id: id, device_id: target.device_id };
    await api.post("/v1/deployments/{deployment_id}/targets/{device_id}/skip", { path });
    // The record, its targets and its history.
    void client.invalidateQueries({ queryKey: ["deployment", id] });
  }

  return (
    <ConfirmButton
      small
      danger
      label={texts.actions.skip}
      title={texts.actions.confirm(texts.actions.skip, target.device_id)}
      options={[
        { value: "default", label: texts.actions.skip, consequences: skipping(deployment, target.device_id, wave) },
      ]}
      refusal={whyNot(user, "deploy")}
      act={act}
    />
  );
}

/** Whether anybody of it can be waited for. */
export function canSkip({ status }: Deployment): boolean {
  return status === "running" || status === "paused";
}
