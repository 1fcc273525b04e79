"""What is known of a deployment whose record cannot be read, by the keys of its items and its history."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from edgeflow.domain.jobs import MAX_JOB_TARGETS, ReturnJob, WaveJob
from edgeflow.domain.strategies import STAGING_WAVE, SWITCHING_WAVE

_FIRST_ATTEMPT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """Enough to take a deployment out of the world. ``flow_id`` is None where nothing tells it any more."""

    deployment_id: str
    flow_id: str | None = None
    devices: tuple[str, ...] = ()
    """Its targets."""
    planned: Mapping[int, int] = field(default_factory=dict)
    """How many targets were planned for each wave."""
    current_wave: int = 0
    rollbacks: int = 0
    returns: Mapping[int, int] = field(default_factory=dict)
    """How many devices each group of the newest rollback has."""

    @property
    def waves_at_work(self) -> tuple[int, int]:
        """The waves whose executions and jobs there may be; those before were closed."""
        return self.current_wave, self.current_wave + 1

    @property
    def attempts(self) -> range:
        """The rollbacks whose executions there may be; the next one's may have begun before anything was written."""
        return range(max(_FIRST_ATTEMPT, self.rollbacks), self.rollbacks + 2)

    def jobs(self) -> Iterator[WaveJob | ReturnJob]:
        """Yield the IoT jobs that there may be."""
        for wave in self.waves_at_work:
            # A switch has no targets of its own: it is for those that were staged.
            size = self.planned.get(wave, self.planned.get(STAGING_WAVE, 0) if wave == SWITCHING_WAVE else 0)
            for chunk in range(-(-size // MAX_JOB_TARGETS)):
                yield WaveJob(deployment_id=self.deployment_id, wave=wave, chunk=chunk)
        for group, size in sorted(self.returns.items()):
            for chunk in range(-(-size // MAX_JOB_TARGETS)):
                yield ReturnJob(deployment_id=self.deployment_id, attempt=self.rollbacks, group=group, chunk=chunk)
