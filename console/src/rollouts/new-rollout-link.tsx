import { Link } from "@tanstack/react-router";
import { RefusedButton } from "../components/confirm";
import { useConsole } from "../session/context";
import { whyNot } from "../session/rights";

/** Leads to the form of a new rollout, of this flow where one is given. */
export function NewRolloutLink({ label, flowId }: { label: string; flowId?: string }) {
  const { user } = useConsole();
  const missing = whyNot(user, "deploy");
  if (missing !== null) return <RefusedButton label={label} refusal={missing} />;
  return (
    <Link to="/rollouts/new" search={flowId === undefined ? {} : { flow: flowId }} className="button button-main">
      {label}
    </Link>
  );
}
