import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { fleetSummaryQuery } from "../api/queries";
import type { FleetSummary } from "../api/types";
import { DEVICE_HEALTHS } from "../api/values";
import { ProblemNotice } from "../components/problem";
import { Icon, kindOf, wordFor } from "../components/status";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { number } from "../wording";
import { healthWord } from "./filter-bar";
import { ASKED, CONNECTIONS, type FleetFilters } from "./filters";

const words = texts.fleet;

/** How many devices there are of each kind; a press shows just those. */
export function SummaryStrip() {
  const { api } = useConsole();
  const query = useQuery(fleetSummaryQuery(api));
  if (query.error) return <ProblemNotice error={query.error} retry={() => void query.refetch()} />;
  return (
    <section className="fleet-summary" aria-label={words.summary}>
      {query.data ? <Counts of={query.data} /> : <p className="muted">{texts.common.loading}</p>}
    </section>
  );
}

function Counts({ of }: { of: FleetSummary }) {
  return (
    <>
      <p>
        <b>{words.inAll(of.total, of.complete)}</b>{" "}
        {of.unreadable > 0 && <span className="bad">{words.unreadable(of.unreadable)}</span>}
      </p>
      <ul aria-label={words.filters.connection}>
        {CONNECTIONS.map((connection) => (
          <Count key={connection} shape={connection} filters={{ connection }} count={of.connected[ASKED[connection]]}>
            {wordFor(connection)}
          </Count>
        ))}
      </ul>
      <ul aria-label={words.filters.health}>
        {DEVICE_HEALTHS.map((health) => (
          <Count key={health} shape={health} filters={{ health }} count={of.health[health]}>
            {healthWord(health)}
          </Count>
        ))}
      </ul>
    </>
  );
}

function Count({
  shape,
  filters,
  count = 0,
  children,
}: {
  shape: string;
  filters: FleetFilters;
  count: number | undefined;
  children: ReactNode;
}) {
  const kind = kindOf(shape);
  return (
    <li>
      <Link to="/fleet" search={filters} className={`status status-${count > 0 ? kind : "neutral"}`}>
        <Icon kind={kind} />
        <b>{number(count)}</b> {children}
      </Link>
    </li>
  );
}
