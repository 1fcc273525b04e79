"""A wave's tally and the verdict it allows: pure, so that any order of reports gives the same answer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from edgeflow.domain.deployments import RETURNED, SETTLED, TargetStatus


class Awaits(StrEnum):
    """What the state machine waits for at a wave."""

    VERDICT = "verdict"
    """The wave has settled, or a breach is certain: nobody waits for the remaining devices."""
    SETTLEMENT = "settlement"
    """Every device is accounted for; asked for after the wave was closed, and for rollbacks."""


class WaveMark(StrEnum):
    """What the history has told of a wave, so that it is told once."""

    ENDED = "told_ended"
    CLOSED = "told_closed"
    BREACHED = "told_breached"
    """One more than the failures tolerated then: a wave that was accepted can breach again."""
    PLANNED = "told_planned"
    """Of a rollback's wave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveResult:
    """How a wave ended, as the state machine's choices read it."""

    wave: str
    total: int
    succeeded: int
    failed: int
    tolerated: int
    skipped: int = 0
    settled: bool

    @property
    def number(self) -> int:
        """Number of a deploying wave, or of the attempt that a rollback's wave belongs to."""
        return int(self.wave.removeprefix("R"))

    @property
    def ended(self) -> int:
        """How many are accounted for."""
        return self.succeeded + self.failed + self.skipped

    @property
    def breached(self) -> bool:
        """More failed than the threshold tolerates."""
        return self.failed > self.tolerated

    def to_output(self) -> dict[str, int | bool | None]:
        """The task output of the wave's state; ``wave`` is its number, null for a rollback's."""
        return {
            "wave": None if is_rollback(self.wave) else self.number,
            "total": self.total,
            "succeeded": self.succeeded,
            "failed": self.failed,
            "tolerated": self.tolerated,
            "settled": self.settled,
            "breached": self.breached,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A wave's counters. ``total`` is None until the wave is dispatched."""

    name: str
    total: int | None = None
    tolerated: int = 0
    counts: Mapping[TargetStatus, int] = field(default_factory=dict)
    task_token: str | None = None
    awaits: Awaits | None = None
    since: str | None = None
    """When the state of ``task_token`` began to wait; None in records of before that was kept."""
    marks: Mapping[WaveMark, int] = field(default_factory=dict)
    cancelled_at: str | None = None
    """When its jobs were first cancelled, and not all of their executions ended at once. ISO 8601 UTC."""

    def result(self) -> WaveResult | None:
        """Return the answer the state machine waits for, or None while it must go on waiting."""
        if self.awaits is None:
            return None
        tally = self.tally()
        if tally is None or not (tally.settled or (tally.breached and self.awaits is Awaits.VERDICT)):
            return None
        return tally

    def breach(self) -> WaveResult | None:
        """Return the wave's result when more failed than is tolerated, whoever waits for it; else None."""
        tally = self.tally()
        return tally if tally is not None and tally.breached else None

    def tally(self) -> WaveResult | None:
        """Return how the wave stands; None when it was not dispatched yet."""
        if self.total is None:
            return None
        failed = self._count(TargetStatus.FAILED) + self._count(TargetStatus.ROLLBACK_FAILED)
        succeeded = sum(map(self._count, (TargetStatus.SUCCESS, TargetStatus.STAGED, TargetStatus.ROLLED_BACK)))
        skipped = self._count(TargetStatus.SKIPPED)
        settled = failed + succeeded + skipped >= self.total
        return WaveResult(
            wave=self.name,
            total=self.total,
            succeeded=succeeded,
            failed=failed,
            tolerated=self.tolerated,
            skipped=skipped,
            settled=settled,
        )

    def _count(self, status: TargetStatus) -> int:
        return self.counts.get(status, 0)


def wave_name(wave: int) -> str:
    """Name of a deploying wave: ``00001``."""
    return f"{wave:05d}"


def rollback_wave_name(attempt: int) -> str:
    """Name of a rollback's only wave: ``R001``."""
    return f"R{attempt:03d}"


def is_rollback(name: str) -> bool:
    """Tell a rollback's wave from a deploying one by its name."""
    return name.startswith("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetChange:
    """One change of a target as the table's stream tells it. ``sequence`` grows within a deployment.

    ``wave`` is the one it is in after the change, ``wave_before`` the one before: a switch moves what is staged.
    """

    deployment_id: str
    wave: int
    wave_before: int
    before: TargetStatus
    after: TargetStatus
    attempt_before: int
    attempt_after: int
    sequence: str


Deltas = dict[TargetStatus, int]


def _moved(change: TargetChange) -> bool:
    return change.before != change.after


def deployment_deltas(changes: Iterable[TargetChange]) -> Deltas:
    """Return what these changes add to a deployment's counters; a target counts in its present status only."""
    deltas: Deltas = defaultdict(int)
    for change in changes:
        if _moved(change):
            if change.before in SETTLED:
                deltas[change.before] -= 1
            if change.after in SETTLED:
                deltas[change.after] += 1
    return {status: delta for status, delta in deltas.items() if delta}


def wave_deltas(changes: Iterable[TargetChange]) -> dict[str, Deltas]:
    """Return what these changes add to the counters of each wave, by the wave's name.

    A deploying wave keeps its counts when its targets are switched or rolled back later: they are history. A
    rollback attempt counts each of its targets once, also one that failed in the attempt before.
    """
    waves: dict[str, Deltas] = defaultdict(lambda: defaultdict(int))
    for change in changes:
        if change.after in RETURNED:
            again = change.before in RETURNED and change.attempt_before == change.attempt_after
            deltas = waves[rollback_wave_name(change.attempt_after)]
            if again and _moved(change):
                deltas[change.before] -= 1
            if not again or _moved(change):
                deltas[change.after] += 1
        elif _moved(change):
            deltas = waves[wave_name(change.wave)]
            if change.before in SETTLED and change.wave == change.wave_before:
                deltas[change.before] -= 1
            if change.after in SETTLED:
                deltas[change.after] += 1
    return {name: dict(deltas) for name, deltas in waves.items() if any(deltas.values())}
