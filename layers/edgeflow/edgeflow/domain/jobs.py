"""Names of IoT jobs. A job's name tells which deployment, wave and chunk it serves, so a retry makes no second one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

MAX_JOB_TARGETS: Final = 100  # AWS IoT: targets a CreateJob takes
MAX_JOB_ID_LENGTH: Final = 64  # AWS IoT: jobId
MAX_WAVE: Final = 99_999
"""What the names of jobs and the keys of waves have digits for; plans stay far below."""
MAX_ATTEMPT: Final = 999
"""Of a rollback, likewise."""

_T = TypeVar("_T")
_JOB_ID = re.compile(r"(dep_[0-9A-Za-z]{1,36})-(?:w([0-9]{5})|r([0-9]{3})-([0-9]{4}))-([0-9]{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveJob:
    """A job that deploys one chunk of a wave."""

    deployment_id: str
    wave: int
    chunk: int

    @property
    def id(self) -> str:
        """The IoT job id."""
        return f"{self.deployment_id}-w{self.wave:05d}-{self.chunk:04d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnJob:
    """A job that returns one chunk of a rollback's group to the version before."""

    deployment_id: str
    attempt: int
    group: int
    chunk: int

    @property
    def id(self) -> str:
        """The IoT job id."""
        return f"{self.deployment_id}-r{self.attempt:03d}-{self.group:04d}-{self.chunk:04d}"


def parse_job_id(job_id: str) -> WaveJob | ReturnJob | None:
    """Read a job id; None when the job is not one of ours."""
    match = _JOB_ID.fullmatch(job_id)
    if match is None:
        return None
    deployment_id, wave, attempt, group, chunk = match.groups()
    if wave is not None:
        return WaveJob(deployment_id=deployment_id, wave=int(wave), chunk=int(chunk))
    return ReturnJob(deployment_id=deployment_id, attempt=int(attempt), group=int(group), chunk=int(chunk))


def chunked(items: Sequence[_T], size: int = MAX_JOB_TARGETS) -> Iterator[Sequence[_T]]:
    """Yield the items in order, ``size`` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
