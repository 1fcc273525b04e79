"""What the agent knows across restarts: the flows it runs, and the job it is at.

Both are in one file that is replaced in one step. So "this version is the live one" and "the job got
this far" never disagree, whenever the power goes.
"""

import errno
import fcntl
import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge_agent.disk.files import keep_beside, write_atomically
from edge_agent.disk.orders import TakenUpOrders
from edge_agent.disk.sequence import Sequence
from edge_agent.disk.slots import InstalledVersion, Slots
from edgeflow.contract.ids import FlowId
from edgeflow.contract.job import JobDocument, StatusDetails, Watch
from edgeflow.contract.wording import counted

STATE_FILE: Final = "state.json"
STATE_BEFORE_FILE: Final = "state.before.json"
_ASIDE: Final = "damaged-"
_SEAL: Final = b'{"seal":"'
_SEAL_DIGITS: Final = 64
_LOCK_FILE: Final = "lock"

logger = logging.getLogger(__name__)


class StateError(Exception):
    """The state cannot be read, or the folder not be used."""


class StateDamaged(StateError):
    """A state's bytes are not what an agent wrote."""


class Outcome(BaseModel):
    """How a job ended, on disk before it is told."""

    model_config = ConfigDict(frozen=True)

    status: Literal["SUCCEEDED", "FAILED"]
    details: StatusDetails


class JournalEntry(BaseModel):
    """The job at work. ``before`` and ``standby_before`` are what the flow's slots held when the job came."""

    model_config = ConfigDict(frozen=True)

    job_id: str
    document: JobDocument
    before: InstalledVersion | None
    standby_before: InstalledVersion | None = None
    activated: bool = False
    """The slots hold what the job asks for."""
    starts: int = 0
    """How often its health check was begun; a version that takes the agent down with it is not tried for ever."""
    outcome: Outcome | None = None
    unheard: float = 0
    """For how many seconds nothing was heard of the cloud, by the last note, while the success waited to be told."""

    @classmethod
    def begin(cls, job_id: str, document: JobDocument, slots: Slots) -> Self:
        """Return the entry of a job that comes while the flow's slots hold this."""
        return cls(job_id=job_id, document=document, before=slots.live, standby_before=slots.standby)

    @property
    def slots_before(self) -> Slots:
        """What the flow's slots held when the job came."""
        return Slots(self.before, self.standby_before)

    @property
    def slots_reverted(self) -> Slots:
        """What they held then, but without the version that has just failed in them."""
        before = self.slots_before
        failed = before.standby is not None and before.standby.version == self.document.version
        return before.without_standby() if failed else before

    @property
    def ran_before(self) -> bool:
        """Whether the version that the job is about may have been running when it came, in either slot."""
        return self.document.version in {held.version for held in self.slots_before.by_slot().values()}


class AgentState(BaseModel):
    """The whole of it. ``flows`` are the live versions, ``standby`` those in the other slots.

    ``previous`` keeps the version before of each flow, so that going back needs no download. ``watches`` say how often
    the device reports while the deployments of its flows are open, which is longer than their jobs are at work.
    ``orders`` are those that it has taken up, where it was given keys of orders.
    """

    model_config = ConfigDict(frozen=True)

    sequence: int = 0
    flows: dict[FlowId, InstalledVersion] = Field(default_factory=dict)
    standby: dict[FlowId, InstalledVersion] = Field(default_factory=dict)
    previous: dict[FlowId, InstalledVersion] = Field(default_factory=dict)
    watches: dict[FlowId, Watch] = Field(default_factory=dict)
    orders: TakenUpOrders = TakenUpOrders()
    job: JournalEntry | None = None

    def slots(self, flow_id: str) -> Slots:
        """Return what a flow's slots hold."""
        return Slots(self.flows.get(flow_id), self.standby.get(flow_id))

    def all_slots(self) -> dict[str, Slots]:
        """Return what the slots of every flow hold that the device has."""
        return {flow_id: self.slots(flow_id) for flow_id in sorted({*self.flows, *self.standby})}

    def with_slots(self, flow_id: str, slots: Slots) -> Self:
        """Return the state with a flow's slots holding this; the switch of what is live is a part of it."""
        return self.model_copy(
            update={
                "flows": _with(self.flows, flow_id, slots.live),
                "standby": _with(self.standby, flow_id, slots.standby),
            }
        )

    def told(self, entry: JournalEntry) -> Self:
        """Return the state without a job, once the cloud has taken how it ended."""
        orders = self.orders.ended(entry.document.flow_id, entry.job_id)
        return self.model_copy(update={"job": None, "previous": self._previous_after(entry), "orders": orders})

    def _previous_after(self, entry: JournalEntry) -> dict[FlowId, InstalledVersion]:
        """Return the versions to keep for going back, after a job was told."""
        live, before = self.flows.get(entry.document.flow_id), entry.before
        if live is None:
            return _with(self.previous, entry.document.flow_id, None)
        if before is None or before.sha256 == live.sha256:
            return self.previous
        return _with(self.previous, entry.document.flow_id, before)

    def artifacts(self) -> set[str]:
        """Return the hashes of all artifacts that are wanted."""
        kept = [*self.flows.values(), *self.standby.values(), *self.previous.values()]
        if self.job is not None:
            kept.extend(self.job.slots_before.by_slot().values())
        return {version.sha256 for version in kept}


def _with(
    held: dict[FlowId, InstalledVersion], flow_id: str, version: InstalledVersion | None
) -> dict[FlowId, InstalledVersion]:
    others = {name: other for name, other in held.items() if name != flow_id}
    return others if version is None else {**others, flow_id: version}


class StateFile:
    """The state on disk. Every change is whole and durable when :meth:`write` returns."""

    def __init__(self, directory: Path, clock: Callable[[], datetime]) -> None:
        """Read the state in this folder, or begin an empty one.

        A file that is damaged is set aside, and the one before it counts; when that is damaged, too, the device begins
        with no flows. Nobody can walk up to it, and an agent that does not start can be sent nothing.

        Raises:
            StateError: the folder cannot be used.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / STATE_FILE
        self._before = directory / STATE_BEFORE_FILE
        self._sequence = Sequence(directory, clock)
        self.state = AgentState()
        for path in (self._path, self._before):
            try:
                self.state = _read(path)
            except FileNotFoundError:
                continue
            except StateDamaged as damage:
                kept = _set_aside(path, int(clock().timestamp()))
                logger.error("%s; %s, and what was before it counts", damage, kept)  # noqa: TRY400
                continue
            break

    def write(self, state: AgentState) -> None:
        """Make this the state; the present one is kept beside it, for a disk may damage what was written whole."""
        keep_beside(self._path, self._before)
        write_atomically(self._path, _sealed(state))
        self.state = state

    @property
    def epoch(self) -> str:
        """The id of this folder, which goes with its numbers."""
        return self._sequence.epoch

    def next_sequence(self) -> int:
        """Return the next number in the order of activations: milliseconds since 1970, never going back."""
        return self._sequence.next(after=self.state.sequence)

    def next_report(self) -> int:
        """Return the number of the next health report, in the same order."""
        return self._sequence.next_unkept(after=self.state.sequence)


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


@contextmanager
def nobody_else_in(directory: Path) -> Iterator[bool]:
    """Tell whether no agent runs in a folder, and keep one from starting meanwhile. Nothing is made there.

    When that cannot be looked at, one is taken to run.
    """
    try:
        opened = (directory / _LOCK_FILE).open("rb")
    except (FileNotFoundError, NotADirectoryError):
        yield True
        return
    except OSError:
        yield False
        return
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def read_state(directory: Path) -> AgentState:
    """Read the state in a folder without touching it; empty when there is none. Raises StateError."""
    for name in (STATE_FILE, STATE_BEFORE_FILE):
        try:
            return _read(directory / name)
        except FileNotFoundError:
            continue
    return AgentState()


def damaged_files(directory: Path) -> list[str]:
    """Return the names of states that were found damaged and set aside, the oldest first."""
    return sorted(path.name for path in directory.glob(f"{_ASIDE}*"))


def _sealed(state: AgentState) -> bytes:
    """Return the state's bytes with their own SHA-256 as the first key, which agents of before leave out."""
    body = state.model_dump_json(indent=1, by_alias=True).encode()
    return _SEAL + hashlib.sha256(body).hexdigest().encode() + b'",' + body[1:]


def _read(path: Path) -> AgentState:
    """Read one file. Raises FileNotFoundError, StateDamaged, StateError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise (StateDamaged if error.errno == errno.EIO else StateError)(message) from error
    if content.startswith(_SEAL):
        seal, content = content[len(_SEAL) : len(_SEAL) + _SEAL_DIGITS], b"{" + content[len(_SEAL) + _SEAL_DIGITS + 2 :]
        if hashlib.sha256(content).hexdigest().encode() != seal:
            message = f"{path} is damaged: its bytes are not those that were written"
            raise StateDamaged(message)
    try:
        return AgentState.model_validate_json(content)
    except ValidationError as error:
        message = f"{path} is damaged ({counted(error.error_count(), 'fault')})"
        raise StateDamaged(message) from error


def _set_aside(path: Path, now: int) -> str:
    """Give a damaged file another name; returns what became of it, as a part of a sentence."""
    aside = path.with_name(f"{_ASIDE}{now}-{path.name}")
    try:
        path.replace(aside)
    except OSError as error:  # such as a disk that is read-only, where it cannot be overwritten either
        return f"it cannot be set aside: {error.strerror}"
    return f"it is kept as {aside.name}"
