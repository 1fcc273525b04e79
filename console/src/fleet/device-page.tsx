import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { deviceQuery } from "../api/queries";
import type { Device } from "../api/types";
import { Fact, Facts, PageHead, Panel } from "../components/panel";
import { ProblemNotice } from "../components/problem";
import { Status } from "../components/status";
import { Time } from "../components/time";
import { useConsole } from "../session/context";
import { texts } from "../texts";
import { connectionOf } from "./connection";
import { DeviceRollouts } from "./device-rollouts";
import { RunningFlowCard } from "./running-flow";
import { VitalsPanel } from "./vitals";

const words = texts.device;

/** One device: what it runs, which rollouts it was in, and how it is. */
export function DevicePage({ id }: { id: string }) {
  const { api } = useConsole();
  const query = useQuery(deviceQuery(api, id));
  return (
    <div className="page">
      {query.error && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
      {query.data ? <Shown device={query.data} /> : query.isPending && <p className="muted">{texts.common.loading}</p>}
    </div>
  );
}

function Shown({ device }: { device: Device }) {
  return (
    <>
      <PageHead
        back={
          <Link to="/fleet" className="back">
            {words.back}
          </Link>
        }
        title={<span className="mono">{device.device_id}</span>}
        lead={
          <p className="status-line">
            <Status of={connectionOf(device)} strong />
            {device.connection_changed_at !== null && (
              <span>
                {words.connectionSince} <Time at={device.connection_changed_at} />
              </span>
            )}
          </p>
        }
      />
      <div className="columns">
        <div className="column-wide">
          <Panel title={words.flows}>
            {device.flows.length === 0 && <p className="muted">{words.noFlows}</p>}
            <div className="flow-cards">
              {device.flows.map((flow) => (
                <RunningFlowCard key={`${flow.flow_id} ${flow.slot ?? ""} ${flow.version}`} flow={flow} />
              ))}
            </div>
          </Panel>
          <DeviceRollouts id={device.device_id} />
        </div>
        <div className="column-narrow">
          <VitalsPanel vitals={device.vitals} at={device.last_seen} />
          <Panel title={words.facts}>
            <Facts>
              <Fact name={texts.fleet.columns.state}>
                <Status of={device.state} />
              </Fact>
              <Fact name={words.seen}>
                <Time at={device.last_seen} />
              </Fact>
              <Fact name={words.agent}>{device.agent_version ?? texts.common.none}</Fact>
              <Fact name={words.registered}>
                <Time at={device.registered_at} /> {device.registered_by !== null && words.by(device.registered_by)}
              </Fact>
              <Fact name={words.certificate}>
                <span className="mono wrap">{device.certificate_arn ?? texts.common.none}</span>
              </Fact>
            </Facts>
          </Panel>
        </div>
      </div>
    </>
  );
}
