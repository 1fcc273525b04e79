"""Waking the state machine that waits for a wave."""

from dataclasses import dataclass

from edgeflow.contract.history.deployments import WaveEnded
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.history import Entry, Part, system
from edgeflow.domain.waves import Wave, WaveMark, WaveResult, is_rollback
from edgeflow.use_cases.rollout.ports import Waves, Workflows


@dataclass(frozen=True, slots=True)
class AnswerWave:
    """Whoever changes a wave calls this, so that no order of events leaves an execution unanswered."""

    waves: Waves
    workflows: Workflows
    clock: Clock

    def __call__(self, deployment_id: str, wave: Wave) -> bool:
        """Send the wave's result to the execution that waits for it, if there is one yet and the wave is decided.

        The history first: what follows from the answer comes after it there. Sending twice is harmless: the token is
        spent after the first time.
        """
        result = wave.result()
        if result is None or wave.task_token is None:
            return False
        if not is_rollback(wave.name) and WaveMark.ENDED not in wave.marks:
            self._tell(deployment_id, wave, result)
        return self.workflows.answer(wave.task_token, result.to_output())

    def _tell(self, deployment_id: str, wave: Wave, result: WaveResult) -> None:
        details = WaveEnded(
            wave=result.number,
            total=result.total,
            failed=result.failed,
            tolerated=result.tolerated,
            settled=result.settled,
            breached=result.breached,
            target_counts={status.value: count for status, count in sorted(wave.counts.items()) if count},
        )
        entry = Entry(at=timestamp(self.clock()), actor=system(Part.ANSWER_WAVE), details=details)
        self.waves.tell(deployment_id, wave.name, WaveMark.ENDED, entry=entry)
