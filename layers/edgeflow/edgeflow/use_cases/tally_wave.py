"""Counting targets, from the table's stream, and waking the execution when a wave is decided.

Every batch is counted once: each counter's item keeps the stream position it has counted up to, in the
same write. A batch that comes again, whole or in parts, adds nothing, but the verdict is looked at
again, so a function that died between its write and its answer is made good by the redelivery.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from edgeflow.domain.errors import CannotBeRead, NotFound
from edgeflow.domain.waves import TargetChange, Wave, deployment_deltas, is_rollback, wave_deltas
from edgeflow.use_cases.answer_wave import AnswerWave
from edgeflow.use_cases.ports import Deployments, Waves
from edgeflow.use_cases.watch_waves import WatchWaves


@dataclass(frozen=True, slots=True)
class TallyWave:
    """Count one batch of the stream."""

    deployments: Deployments
    waves: Waves
    watch_waves: WatchWaves
    answer_wave: AnswerWave

    def __call__(self, changes: Iterable[TargetChange]) -> None:
        """Count these changes, which are in stream order within each deployment."""
        by_deployment: dict[str, list[TargetChange]] = defaultdict(list)
        for change in changes:
            by_deployment[change.deployment_id].append(change)
        for deployment_id, batch in by_deployment.items():
            try:
                self._count_deployment(deployment_id, batch)
                for name in wave_deltas(batch):
                    self._count_wave(deployment_id, name, batch)
            except (NotFound, CannotBeRead):
                continue  # it was removed, or is damaged: the others of the batch are counted

    def _count_deployment(self, deployment_id: str, batch: list[TargetChange]) -> None:
        # Deployment before wave: when the execution wakes, the deployment's counters are right already.
        while deltas := deployment_deltas(batch):
            counted = self.deployments.count(deployment_id, deltas, first=batch[0].sequence, last=batch[-1].sequence)
            if counted is None:
                return
            batch = [change for change in batch if change.sequence > counted]

    def _count_wave(self, deployment_id: str, name: str, batch: list[TargetChange]) -> None:
        wave: Wave | None = None
        while deltas := wave_deltas(batch).get(name):
            wave, counted = self.waves.count(
                deployment_id, name, deltas, first=batch[0].sequence, last=batch[-1].sequence
            )
            if counted is None:
                break
            batch = [change for change in batch if change.sequence > counted]
        if wave is not None:
            # Also when nothing was new: whoever counted it may have died before it answered.
            breach = wave.breach() if not is_rollback(name) else None
            if breach is not None:
                self.watch_waves.note(deployment_id, wave, breach)
            self.answer_wave(deployment_id, wave)
            if breach is not None:
                self.watch_waves.wake(deployment_id, breach)
