import type { Deployment, DeploymentEvent } from "../api/types";
import { Icon, type Kind } from "../components/status";
import { Time } from "../components/time";
import { texts } from "../texts";
import { stepsOf, type StepState } from "./steps";

const KINDS: Record<StepState, Kind> = { done: "good", now: "busy", next: "neutral", never: "neutral", failed: "bad" };

/** The strategy as its steps, the present one lit. */
export function StepsRow({ deployment, events }: { deployment: Deployment; events: readonly DeploymentEvent[] }) {
  const isPaused = deployment.status === "paused";
  return (
    <ol className="steps">
      {stepsOf(deployment, events).map((step) => {
        const held = isPaused && step.state === "now";
        return (
          <li
            key={step.key}
            className={`step step-${held ? "held" : step.state}`}
            aria-current={step.state === "now" ? "step" : undefined}
          >
            <span className="step-mark">
              <Icon kind={held ? "hold" : KINDS[step.state]} />
            </span>
            <span className="step-label">{step.label}</span>
            <span className="visually-hidden">({texts.steps.state[step.state]})</span>
            {step.detail !== null && <span className="step-detail">{step.detail}</span>}
            {held && <span className="step-detail step-until">{texts.steps.paused}</span>}
            {step.until !== undefined && !held && (
              <span className="step-detail step-until">
                {texts.steps.until} <Time at={step.until} ago />
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
