"""One version of a flow in its worker: started, started again when its process ends, and quarantined when that goes on.

starting ─> up ─> (its process ends) ─> down ─> starting …      unhealthy from here on, until it ran ten minutes
└─> rejected: it cannot run here
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Protocol

from edge_agent.disk.crashes import WITHIN, CrashFile, CrashRecord
from edge_agent.disk.slots import InstalledVersion
from edge_agent.flows.language.proof import NO_PROOF, Proof
from edge_agent.flows.language.sentences import fit
from edge_agent.flows.runtime import MAX_FAILURES, MAX_LISTED_NODES
from edge_agent.flows.workers import sayings
from edge_agent.flows.workers.hub import Hub, Timer
from edge_agent.flows.workers.process import Exit, WorkerProcess
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import MAX_ERROR_LENGTH, Health, NodeActivity, NodeHealth

FIRST_RETRY_SECONDS: Final = 1.0
LAST_RETRY_SECONDS: Final = 300.0
QUARANTINE_SECONDS: Final = 900.0
"""How rarely a flow is tried again whose process ends again and again."""
WELL_AFTER_SECONDS: Final = WITHIN.total_seconds()
STOP_SECONDS: Final = 7.0
"""What nodes may take to stop, and a little."""
_GONE_SECONDS: Final = 5.0
_MAX_DOUBLINGS: Final = 20

WHOLE_FLOW: Final = "flow"
"""Stands where a node's id would, when it is no single node that is not well."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Activity:
    """Messages that the nodes of a flow got a minute, those they lost since its start, and the nodes worth telling."""

    per_minute: float = 0.0
    dropped: int = 0
    nodes: tuple[NodeActivity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long what takes, in seconds; tests have less patience."""

    first_retry: float = FIRST_RETRY_SECONDS
    last_retry: float = LAST_RETRY_SECONDS
    quarantine: float = QUARANTINE_SECONDS
    well_after: float = WELL_AFTER_SECONDS
    stop: float = STOP_SECONDS


class Employer(Protocol):
    """Makes processes, and does for them what they ask for. Called on the hub's thread."""

    def begin(self, worker: "FlowWorker", on_end: Callable[[Exit], None]) -> WorkerProcess:
        """Begin a process that runs the version; what it says of its health comes to :meth:`FlowWorker.hear`."""
        ...


class _State(Enum):
    STARTING = auto()
    UP = auto()
    DOWN = auto()
    REJECTED = auto()
    STOPPED = auto()


@dataclass(slots=True)
class _Known:
    """What is known of the flow, since its process was started."""

    health: Health = Health.STARTING
    nodes: tuple[NodeHealth, ...] = ()
    failures: list[NodeHealth] = field(default_factory=list)
    activity: Activity = field(default_factory=Activity)
    grace: float = 0.0
    proof: Proof = NO_PROOF


class FlowWorker:
    """See the module. Asked from several threads; all that happens to it happens on the hub's."""

    def __init__(
        self,
        flow_id: str,
        installed: InstalledVersion,
        *,
        hub: Hub,
        employer: Employer,
        crashes: CrashFile,
        on_change: Callable[[], None],
        timing: Timing,
    ) -> None:
        """Nothing is started yet."""
        self.flow_id = flow_id
        self.installed = installed
        self._hub = hub
        self._employer = employer
        self._crashes = crashes
        self._on_change = on_change
        self._timing = timing
        self._lock = threading.Lock()
        self._state = _State.STARTING
        self._known = _Known()
        self._trouble = ""
        self._tries = 0
        self._process: WorkerProcess | None = None
        self._retry: Timer | None = None
        self._well: Timer | None = None
        self._gone = threading.Event()

    # --- Asked by all ---------------------------------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        """Whether the version really runs: its process has said how the flow is."""
        with self._lock:
            return self._state is _State.UP

    @property
    def is_begun(self) -> bool:
        """Whether it runs, or is about to."""
        with self._lock:
            return self._state in {_State.STARTING, _State.UP}

    @property
    def process(self) -> int | None:
        """The id of its process, when there is one now."""
        process = self._process
        return process.process if process is not None else None

    @property
    def grace_seconds(self) -> float:
        """How long the flow's own health checks may take until the first time they pass."""
        with self._lock:
            return self._known.grace

    @property
    def proof(self) -> Proof:
        """How long the flow must run until what is wrong with it can have shown; known once it runs."""
        with self._lock:
            return self._known.proof

    @property
    def reason(self) -> Reason:
        """The code of what is wrong, when something is."""
        with self._lock:
            return Reason.CRASH_LOOP if self._trouble and self._state is not _State.REJECTED else Reason.UNHEALTHY

    def health(self) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return how the flow is, and which of its nodes are not well."""
        with self._lock:
            if not self._trouble:
                return self._known.health, self._known.nodes
            return Health.UNHEALTHY, (_whole_flow(self._trouble), *self._known.nodes)[:MAX_LISTED_NODES]

    def failures(self) -> tuple[NodeHealth, ...]:
        """Return each failure since the version's process was started, the latest last, at most 1,000."""
        with self._lock:
            return tuple(self._known.failures)

    def activity(self) -> Activity:
        """Return how busy the flow is."""
        with self._lock:
            known, process = self._known.activity, self._process
        unread = process.dropped if process is not None else 0
        return Activity(known.per_minute, known.dropped + unread, known.nodes)

    def start(self) -> None:
        """Have it started; returns at once."""
        self._hub.call(self._start)

    def mute(self, *, muted: bool) -> None:
        """Tell the flow whether it only stands by."""
        self._hub.call(lambda: self._say_muted(muted=muted))

    def begin_to_stop(self) -> None:
        """Have it stopped; returns at once. It is not started again."""
        if not self._hub.call(self._stop):
            self._gone.set()  # nobody speaks with workers any more, and what is left ends with the agent

    def stop(self) -> None:
        """Stop it; returns when its process is gone."""
        self.begin_to_stop()
        self._gone.wait(self._timing.stop + _GONE_SECONDS)

    # --- What happens to it, on the hub's thread --------------------------------------------------------------------

    def hear(self, saying: sayings.Saying) -> None:
        """Take what its process says of itself."""
        match saying:
            case sayings.HealthSaid():
                self._heard_health(saying)
            case sayings.ActivitySaid():
                with self._lock:
                    self._known.activity = Activity(saying.per_minute, saying.dropped, saying.nodes)
            case sayings.Rejected():
                with self._lock:
                    self._state = _State.REJECTED
                    self._trouble = "; ".join(saying.faults)
                version = self.installed.version
                _log.error("flow %s version %d cannot run: %s", self.flow_id, version, self._trouble)
                self._on_change()
            case _:
                pass  # that it lives is known by its saying anything

    def _heard_health(self, said: sayings.HealthSaid) -> None:
        with self._lock:
            if self._state is not _State.UP and self._state is not _State.STARTING:
                return
            self._state = _State.UP
            self._tries = 0
            known = self._known
            known.health, known.nodes, known.grace = said.health, said.nodes, said.grace
            known.proof = Proof(started=said.proof, switched=said.proof_switched)
            known.failures.extend(said.failed[: MAX_FAILURES - len(known.failures)])
        self._on_change()

    def _start(self) -> None:
        record = self._crashes.record(self.flow_id, self.installed.sha256)
        if record is None:
            self._begin()
            return
        with self._lock:
            self._trouble = self._sentence(record)
        if record.in_loop:
            with self._lock:
                self._state = _State.DOWN
            self._retry = self._hub.call_later(self._patience(record), self._begin)
            self._on_change()
        else:
            self._begin()

    def _begin(self) -> None:
        with self._lock:
            if self._state in {_State.STOPPED, _State.REJECTED}:
                return
            self._state, self._known = _State.STARTING, _Known()
        self._process = self._employer.begin(self, self._ended)
        if self._trouble:
            self._well = self._hub.call_later(self._timing.well_after, self._is_well)
        self._on_change()

    def _is_well(self) -> None:
        self._crashes.forget(self.flow_id, self.installed.sha256)
        with self._lock:
            self._trouble = ""
        self._on_change()

    def _ended(self, exit_: Exit) -> None:
        self._process = None
        if self._well is not None:
            self._well.cancel()
        with self._lock:
            state = self._state
        if state is _State.STOPPED:
            self._gone.set()
        elif state is not _State.REJECTED:
            if exit_.is_its_own:
                self._crashed(exit_)
            else:
                self._was_not_given(exit_)

    def _was_not_given(self, exit_: Exit) -> None:
        """Try again later: the device has no process for the flow, which is not the flow's doing."""
        self._tries += 1
        patience = self._backoff(self._tries)
        why = exit_.describe()
        _log.warning("flow %s: its process %s; tried again in %.0f s", self.flow_id, why, patience)
        with self._lock:
            self._state = _State.DOWN
            self._known.health = Health.UNHEALTHY
            self._known.nodes = (_whole_flow(f"The flow's process {why}; it is started again."),)
        self._retry = self._hub.call_later(patience, self._begin)
        self._on_change()

    def _crashed(self, exit_: Exit) -> None:
        why = exit_.describe()
        record = self._crashes.crashed(self.flow_id, self.installed.sha256, why)
        patience = self._patience(record)
        trouble = self._sentence(record)
        _log.error(
            "flow %s version %d: its process %s; it is started again in %.0f s",
            self.flow_id,
            self.installed.version,
            why,
            patience,
            extra={"flow_id": self.flow_id},
        )
        with self._lock:
            self._state, self._trouble = _State.DOWN, trouble
            self._known.failures.append(_whole_flow(trouble))
        self._retry = self._hub.call_later(patience, self._begin)
        self._on_change()

    def _patience(self, record: CrashRecord) -> float:
        """Return for how many seconds it is left alone."""
        if record.in_loop:
            return self._timing.quarantine
        return self._backoff(len(record.at))

    def _backoff(self, times: int) -> float:
        doubled = self._timing.first_retry * 2.0 ** min(times - 1, _MAX_DOUBLINGS)
        return min(doubled, self._timing.last_retry) * random.uniform(0.75, 1.25)  # noqa: S311  jitter, not a secret

    def _sentence(self, record: CrashRecord) -> str:
        if not record.in_loop:
            return f"The flow's process {record.why}; it is started again."
        minutes = self._timing.quarantine / 60
        return (
            f"crash_loop: the flow's process ends again and again; the last time it {record.why}. "
            f"It is tried each {minutes:g} min; deploy another version."
        )

    def _say_muted(self, *, muted: bool) -> None:
        if self._process is not None:
            self._process.say({"kind": "muted", "value": muted})

    def _stop(self) -> None:
        with self._lock:
            if self._state is _State.STOPPED:
                return
            self._state = _State.STOPPED
        for timer in (self._retry, self._well):
            if timer is not None:
                timer.cancel()
        process = self._process
        if process is None:
            self._gone.set()
            return
        process.say({"kind": "stop"})
        self._hub.call_later(self._timing.stop, lambda: process.kill("was ended, for it did not stop"))


def _whole_flow(error: str) -> NodeHealth:
    return NodeHealth(node_id=WHOLE_FLOW, health=Health.UNHEALTHY, error=fit(error, MAX_ERROR_LENGTH))
