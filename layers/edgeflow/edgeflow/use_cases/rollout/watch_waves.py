"""Waking the execution at a breach of any wave, also of one that had gone well: a device can fall ill later."""

from dataclasses import dataclass
from datetime import datetime

from edgeflow.contract.history.deployments import Breached
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment
from edgeflow.domain.history import Entry, Part, system
from edgeflow.domain.waves import Awaits, Wave, WaveMark, WaveResult, wave_name
from edgeflow.use_cases.rollout.ports import Deployments, Waves, Workflows


@dataclass(frozen=True, slots=True)
class WatchWaves:
    """The wait between two waves costs nothing and ends by itself; a breach ends it at once."""

    deployments: Deployments
    waves: Waves
    workflows: Workflows
    clock: Clock

    def begin(
        self, deployment_id: str, task_token: str, *, wave: int | None = None, asked_at: datetime | None = None
    ) -> None:
        """Keep the token of an execution that waits after this wave; a breach that is known already answers it now.

        ``asked_at`` is when it began to wait; None: now.

        A late copy of the message, of a wait that is over, keeps nothing.
        """
        since = timestamp(asked_at or self.clock())
        # The breach as it is once the token is kept, as the tally keeps the breach before it looks for a token.
        deployment = self.deployments.watch(deployment_id, task_token, wave=wave, since=since)
        breach = self.known_breach(deployment)
        if breach is not None:
            self.workflows.answer(task_token, breach.to_output())

    def known_breach(self, deployment: Deployment) -> WaveResult | None:
        """Return the result of a wave that breached and was not accepted; None when there is none."""
        breached = deployment.breached_wave
        wave = self.waves.get(deployment.id, breached) if breached is not None else None
        return wave.breach() if wave is not None else None

    def note(self, deployment_id: str, wave: Wave, breach: WaveResult) -> None:
        """Keep it that this wave has breached, and tell the history, before anything follows from it. Repeatable.

        A wave for which nobody waits any longer was stopped, and has no breach to tell of: that its devices were
        aborted is the doing of whoever stopped it.
        """
        level = breach.tolerated + 1
        if wave.task_token is not None and wave.marks.get(WaveMark.BREACHED, 0) < level:
            details = Breached(
                wave=breach.number,
                total=breach.total,
                failed=breach.failed,
                tolerated=breach.tolerated,
                failure_threshold=self.deployments.get(deployment_id).rules.failure_threshold,
            )
            entry = Entry(at=timestamp(self.clock()), actor=system(Part.WATCH_WAVES), details=details)
            self.waves.tell(deployment_id, breach.wave, WaveMark.BREACHED, entry=entry, level=level)
        self.deployments.note_breach(deployment_id, breach.wave)

    def wake(self, deployment_id: str, breach: WaveResult) -> None:
        """Tell whoever waits, between waves or for a later wave, of a breach that was noted. Repeatable."""
        deployment = self.deployments.get(deployment_id)
        if deployment.watch_token is not None:
            self.workflows.answer(deployment.watch_token, breach.to_output())
        current = self.waves.get(deployment_id, wave_name(deployment.current_wave))
        if current is not None and current.awaits is Awaits.VERDICT and current.task_token is not None:
            self.workflows.answer(current.task_token, breach.to_output())
