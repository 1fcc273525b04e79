// What every list of rollouts says of each.

import { Link } from "@tanstack/react-router";
import type { DeploymentSummary } from "../api/types";
import type { Column } from "../components/data-table";
import { Id } from "../components/id";
import { Time } from "../components/time";
import { texts } from "../texts";

const words = texts.rollouts;

type Listed = Pick<DeploymentSummary, "id" | "flow_id" | "flow_version" | "strategy" | "created_at">;

export const deploymentColumn: Column<Listed> = {
  id: "deployment",
  header: words.columns.deployment,
  cell: ({ id }) => (
    <Link to="/rollouts/$id" params={{ id }}>
      <Id>{id}</Id>
    </Link>
  ),
};

export const flowColumn: Column<Listed> = {
  id: "flow",
  header: words.columns.flow,
  rank: 2,
  cell: ({ flow_id: id, flow_version: version }) => (
    <span className="flow-cell">
      <Link to="/flows/$id" params={{ id }}>
        <Id>{id}</Id>
      </Link>
      <span className="muted">{words.versionOr(version)}</span>
    </span>
  ),
};

export const strategyColumn: Column<Listed> = {
  id: "strategy",
  header: words.columns.strategy,
  rank: 3,
  width: "7rem",
  cell: ({ strategy }) => texts.strategies[strategy].name,
};

export const createdColumn: Column<Listed> = {
  id: "created",
  header: words.columns.created,
  rank: 2,
  width: "7rem",
  cell: (row) => <Time at={row.created_at} ago />,
};
