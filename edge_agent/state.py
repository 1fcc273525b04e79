"""What the agent knows across restarts: the flows it runs, and the job it is at.

Both are in one file that is replaced in one step. So "this version is the live one" and "the job got
this far" never disagree, whenever the power goes.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge_agent.files import write_atomically
from edgeflow.contract.ids import FlowId, Sha256
from edgeflow.contract.job import JobDocument, StatusDetails

STATE_FILE: Final = "state.json"
_LOCK_FILE: Final = "lock"


class StateError(Exception):
    """The state file is there and cannot be read: better to stop than to forget what the device runs."""


class LiveFlow(BaseModel):
    """A version of a flow that this device runs, or ran before."""

    model_config = ConfigDict(frozen=True)

    version: int
    sha256: Sha256
    since: AwareDatetime


class Outcome(BaseModel):
    """How a job ended, on disk before it is told."""

    model_config = ConfigDict(frozen=True)

    status: Literal["SUCCEEDED", "FAILED"]
    details: StatusDetails


class JournalEntry(BaseModel):
    """The job at work. ``before`` is what the flow was when the job came; None when it was not there."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    document: JobDocument
    before: LiveFlow | None
    activated: bool = False
    """What the job asks for took the old version's place."""
    starts: int = 0
    """How often its health check was begun; a version that takes the agent down with it is not tried for ever."""
    outcome: Outcome | None = None


class AgentState(BaseModel):
    """The whole of it. ``previous`` keeps the version before of each flow, so that going back needs no download."""

    model_config = ConfigDict(frozen=True)

    sequence: int = 0
    flows: dict[FlowId, LiveFlow] = Field(default_factory=dict)
    previous: dict[FlowId, LiveFlow] = Field(default_factory=dict)
    job: JournalEntry | None = None

    def artifacts(self) -> set[str]:
        """Return the hashes of all artifacts that are wanted."""
        kept = [*self.flows.values(), *self.previous.values()]
        if self.job is not None and self.job.before is not None:
            kept.append(self.job.before)
        return {flow.sha256 for flow in kept}


class StateFile:
    """The state on disk. Every change is whole and durable when :meth:`write` returns."""

    def __init__(self, directory: Path, clock: Callable[[], datetime]) -> None:
        """Read the state in this folder, or begin an empty one.

        Raises:
            StateError: the file is there, but damaged.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / STATE_FILE
        self._clock = clock
        self.state = read_state(directory)

    def write(self, state: AgentState) -> None:
        """Make this the state."""
        write_atomically(self._path, state.model_dump_json(indent=1, by_alias=True).encode())
        self.state = state

    def next_sequence(self) -> int:
        """Return the next number in the order of activations: milliseconds since 1970, never going back."""
        return max(self.state.sequence + 1, int(self._clock().timestamp() * 1_000))


@contextmanager
def only_agent_of(directory: Path) -> Iterator[None]:
    """Keep every other agent away from a folder; the lock goes with the process, however it ends.

    Raises:
        StateError: another agent has it, or nothing can be written there.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        opened = (directory / _LOCK_FILE).open("w")
    except OSError as error:
        message = (
            f"{directory} cannot be used as data_directory: {error.strerror}; the agent must be able to write there"
        )
        raise StateError(message) from error
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"another agent uses {directory}; stop it, or give this one a data_directory of its own"
            raise StateError(message) from error
        yield


def read_state(directory: Path) -> AgentState:
    """Read the state in a folder without touching it; empty when there is none. Raises StateError."""
    path = directory / STATE_FILE
    try:
        return AgentState.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return AgentState()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise StateError(message) from error
    except ValidationError as error:
        message = f"{path} is damaged ({error.error_count()} faults); restore it, or remove it to begin with no flows"
        raise StateError(message) from error
