import { Link } from "@tanstack/react-router";
import type { RunningFlow } from "../api/types";
import { isUnreadable } from "../api/unreadable";
import { Status } from "../components/status";
import { Time } from "../components/time";
import { texts } from "../texts";
import { amount, number } from "../wording";

const words = texts.device;

/** One flow in one slot of a device, with its nodes. */
export function RunningFlowCard({ flow }: { flow: RunningFlow }) {
  if (isUnreadable(flow)) {
    return (
      <article className="flow-card" aria-label={flow.flow_id}>
        <p>
          <span className="mono">{flow.flow_id}</span> <span className="bad">{texts.common.unreadable}</span>
        </p>
      </article>
    );
  }
  return (
    <article className="flow-card" aria-label={flow.flow_id}>
      <header className="flow-card-head">
        <Link to="/flows/$id" params={{ id: flow.flow_id }} className="mono">
          {flow.flow_id}
        </Link>
        <b>{texts.rollouts.version(flow.version)}</b>
        {flow.health === null ? <span className="muted">{words.unreported}</span> : <Status of={flow.health} />}
        {flow.live !== null && <span className="tag">{flow.live ? words.live : words.standby}</span>}
        {flow.running === false && <span className="tag bad">{words.doesNotRun}</span>}
        {flow.slot !== null && <span className={`tag slot-${flow.slot}`}>{words.slot(flow.slot)}</span>}
      </header>
      <p className="muted flow-card-facts">
        {flow.since !== null && (
          <span>
            {words.healthSince} <Time at={flow.since} ago />
          </span>
        )}
        {flow.messages_per_minute !== null && <span>{words.perMinute(flow.messages_per_minute)}</span>}
        {flow.dropped !== null && <span className={flow.dropped > 0 ? "bad" : ""}>{words.dropped(flow.dropped)}</span>}
        {flow.deployment_id !== null && (
          <span>
            {words.broughtBy}{" "}
            <Link to="/rollouts/$id" params={{ id: flow.deployment_id }} className="mono">
              {flow.deployment_id}
            </Link>
          </span>
        )}
      </p>
      {flow.nodes.length > 0 ? (
        <>
          <h3>{words.illNodes}</h3>
          <ul className="ill-nodes">
            {flow.nodes.map((node) => (
              <li key={node.node_id}>
                <Status of={node.health} /> <b className="mono">{node.node_id}</b>{" "}
                <span className="muted">{node.error}</span>
              </li>
            ))}
          </ul>
        </>
      ) : (
        flow.health === "healthy" && <p className="muted">{words.allWell}</p>
      )}
      {flow.activity.length > 0 && <Activity flow={flow} />}
    </article>
  );
}

function Activity({ flow }: { flow: RunningFlow }) {
  return (
    <table className="table small-table">
      <caption>{words.activity}</caption>
      <thead>
        <tr>
          <th scope="col">{words.columns.node}</th>
          <th scope="col" className="end">
            {words.columns.received}
          </th>
          <th scope="col" className="end">
            {words.columns.sent}
          </th>
          <th scope="col" className="end">
            {words.columns.dropped}
          </th>
          <th scope="col" className="rank-2">
            {words.columns.error}
          </th>
        </tr>
      </thead>
      <tbody>
        {flow.activity.map((node) => (
          <tr key={node.node_id}>
            <td className="mono">{node.node_id}</td>
            <td className="end">{amount(node.received_per_minute)}</td>
            <td className="end">{amount(node.sent_per_minute)}</td>
            <td className={`end ${node.dropped > 0 ? "bad" : ""}`}>{number(node.dropped)}</td>
            <td className="rank-2 muted">{node.last_error}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
