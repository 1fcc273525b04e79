import type { Deployment } from "../api/types";
import { Panel } from "../components/panel";
import { Legend, TallyBar } from "../components/tally-bar";
import { texts } from "../texts";
import { percent } from "../wording";
import { counted, failureRate, settled, tallyOf } from "./counts";
import type { Wave } from "./waves";

const words = texts.rollout;

/** How far it is, and how near to a breach. */
export function Gauges({ deployment, waves }: { deployment: Deployment; waves: readonly Wave[] }) {
  const tally = tallyOf(deployment.target_counts);
  const total = deployment.total_targets;
  const wave = watchedWave(waves);
  return (
    <div className="gauges">
      <Panel title={words.progress} className="gauge">
        {total === null ? (
          <p className="muted">{words.noTargets}</p>
        ) : (
          <>
            <p className="gauge-value">{percent(total === 0 ? 0 : (100 * settled(tally)) / total)}</p>
            <TallyBar tally={tally} />
            <p className="muted">{words.progressLabel(settled(tally), total)}</p>
            <Legend tally={tally} />
          </>
        )}
      </Panel>
      <Panel
        title={words.failureRate}
        note={wave ? words.ofWave(wave.number, waves.length) : undefined}
        className="gauge"
      >
        {wave ? (
          <FailureGauge wave={wave} limit={deployment.config.failure_threshold ?? 0} />
        ) : (
          <p className="muted">{words.wavesNone}</p>
        )}
      </Panel>
    </div>
  );
}

function FailureGauge({ wave, limit }: { wave: Wave; limit: number }) {
  const total = counted(wave.tally);
  const failed = wave.tally.bad;
  const tolerated = wave.tolerated ?? 0;
  const share = (count: number) => `${total === 0 ? 0 : Math.min(100, (100 * count) / total)}%`;
  const label = `${words.rate(failed, total)}; ${words.threshold(tolerated, total)}`;
  return (
    <>
      <p className={`gauge-value ${failed > tolerated ? "bad" : ""}`}>{percent(failureRate(wave.tally))}</p>
      <span className="rate" role="img" aria-label={label}>
        <span className="rate-fill" style={{ width: share(failed) }} />
        <span className="rate-limit" style={{ left: share(tolerated) }} />
      </span>
      <p className="muted">
        {words.rate(failed, total)}; {words.threshold(tolerated, total)}
        {limit > 0 && ` ${words.limit(limit)}`}
      </p>
    </>
  );
}

/** The wave that matters: one that breached, else the one under way, else the last that has ended. */
function watchedWave(waves: readonly Wave[]): Wave | undefined {
  return (
    waves.findLast((wave) => wave.state === "breached") ??
    waves.findLast((wave) => wave.state === "running") ??
    waves.findLast((wave) => wave.state === "ended")
  );
}
