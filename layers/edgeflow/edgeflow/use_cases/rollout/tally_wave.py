"""Counting targets, from the table's stream, and waking the execution when a wave is decided.

Every batch is counted once: each counter's item keeps the stream position it has counted up to, in the
same write. A batch that comes again, whole or in parts, adds nothing, but the verdict is looked at
again, so a function that died between its write and its answer is made good by the redelivery.

One bad record, deployment or wave holds up no other: what cannot be read, or not be counted however often it comes, is
set aside, and the positions of the others stay what they are.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from edgeflow.domain.errors import CannotBeRead, Damaged, NotFound, Unavailable
from edgeflow.domain.waves import TargetChange, Wave, deployment_deltas, is_rollback, wave_deltas
from edgeflow.use_cases.rollout.answer_wave import AnswerWave
from edgeflow.use_cases.rollout.ports import Deployments, Waves
from edgeflow.use_cases.rollout.set_aside import DeadLetters, SetAside
from edgeflow.use_cases.rollout.watch_waves import WatchWaves


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """What became of a batch, in records."""

    counted: int
    unreadable: int
    """Records that say nothing that could be counted; they are set aside."""
    uncounted: int
    """Changes for which a counter or a wave is damaged; they are set aside."""
    orphaned: int
    """Changes of deployments that are gone; nobody asks for their counters."""


@dataclass(frozen=True, slots=True)
class TallyWave:
    """Count one batch of the stream."""

    deployments: Deployments
    waves: Waves
    watch_waves: WatchWaves
    answer_wave: AnswerWave
    dead_letters: DeadLetters

    def __call__(self, records: Sequence[TargetChange | SetAside]) -> Tallied:
        """Count these changes, which are in stream order within each deployment, and set aside what cannot be.

        Raises:
            Unavailable: not all was counted; the whole batch has to come again. Nothing is set aside before that.
        """
        by_deployment: dict[str, list[TargetChange]] = defaultdict(list)
        for record in records:
            if isinstance(record, TargetChange):
                by_deployment[record.deployment_id].append(record)
        unreadable = [record for record in records if isinstance(record, SetAside)]
        uncounted: list[SetAside] = []
        orphaned, busy = 0, None
        for deployment_id, batch in by_deployment.items():
            try:
                uncounted += self._count(deployment_id, batch)
            except NotFound:
                orphaned += len(batch)
            except Unavailable as error:
                busy = error  # what can be counted now is, before the batch comes again
        if busy is not None:
            raise busy
        for record in (*unreadable, *uncounted):
            self.dead_letters.keep(record)
        counted = len(records) - len(unreadable) - len(uncounted) - orphaned
        return Tallied(counted=counted, unreadable=len(unreadable), uncounted=len(uncounted), orphaned=orphaned)

    def _count(self, deployment_id: str, batch: list[TargetChange]) -> list[SetAside]:
        """Count a deployment's changes; returns those that a damaged item kept from being counted everywhere.

        Raises:
            NotFound: there is no such deployment.
            Unavailable: not all was counted.
        """
        faults = [
            str(damage) for count in self._counters(deployment_id, batch) if (damage := _damage(count)) is not None
        ]
        if not faults:
            return []
        fault = "; ".join(faults)
        return [SetAside(record=change.sequence, pk=deployment_id, fault=fault) for change in batch]

    def _counters(self, deployment_id: str, batch: list[TargetChange]) -> list[Callable[[], None]]:
        # Deployment before wave: when the execution wakes, the deployment's counters are right already.
        return [
            partial(self._count_deployment, deployment_id, batch),
            *(partial(self._count_wave, deployment_id, name, batch) for name in wave_deltas(batch)),
        ]

    def _count_deployment(self, deployment_id: str, batch: list[TargetChange]) -> None:
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


def _damage(count: Callable[[], None]) -> CannotBeRead | Damaged | None:
    """Count; returns what cannot be mended by counting again."""
    try:
        count()
    except (CannotBeRead, Damaged) as damage:
        return damage
    return None
