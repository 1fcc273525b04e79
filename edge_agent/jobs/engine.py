"""Doing jobs: one at a time, each step on disk before it is taken, so that a power cut at any instant is no disaster.

    accepted ─> downloaded ─> in its slot ─> healthy for the window ─> SUCCEEDED
        │            │             └─ not healthy ─> the slots are as before, without it ─> FAILED
        └────────────┴─ nothing was changed ─> FAILED or REJECTED

A job that is cancelled on the way leaves the device as it was before the job.
"""

import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Literal

from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.state import AgentState, JournalEntry, Outcome, StateFile
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.runtime import Flows
from edge_agent.jobs.health_window import Cancelled, HealthGate, Stopping, Unwell
from edge_agent.jobs.just_told import JustTold
from edge_agent.jobs.lifeline import Lifeline
from edge_agent.jobs.obtain import JobFailed, Obtainer
from edge_agent.jobs.ports import IN_PROGRESS, OPEN, Execution, Jobs, Offline, UpdateRefused
from edge_agent.jobs.read_document import NotUnderstood
from edge_agent.jobs.read_order import OrderReader
from edgeflow.contract.job import Operation, StatusDetails, Step
from edgeflow.contract.reasons import Reason

MAX_STARTS: Final = 2
"""A version during whose health check the agent died twice is taken to be the cause."""

logger = logging.getLogger(__name__)


class Engine:
    """Does this device's jobs. Used from one thread; :meth:`look_again` may be called from any."""

    def __init__(  # noqa: PLR0913  one keyword per part of the device
        self,
        *,
        state: StateFile,
        store: ArtifactStore,
        flows: Flows,
        jobs: Jobs,
        read_order: OrderReader,
        obtainer: Obtainer,
        watch: HealthGate,
        lifeline: Lifeline,
        clock: Callable[[], datetime],
        jitter: float,
    ) -> None:
        """Wire the engine. Updates wait up to ``jitter`` seconds at random."""
        self._file = state
        self._store = store
        self._flows = flows
        self._jobs = jobs
        self._read_order = read_order
        self._obtainer = obtainer
        self._watch = watch
        self._lifeline = lifeline
        self._clock = clock
        self._jitter = jitter
        self._doubt = threading.Event()
        self._told = JustTold(clock)

    def look_again(self) -> None:
        """Doubt that the job at work is still wanted: the cloud names another one as next."""
        self._doubt.set()
        self._watch.wake()

    def recover(self) -> None:
        """After a restart, before the flows are brought up: give up a version that takes the agent down with it.

        A start is counted before the version is started, so that one which kills the process at once is
        not started for ever. And remove what a power cut right after a job left behind.
        """
        entry = self._state.job
        if entry is None:
            self._store.keep_only(self._state.artifacts())
            return
        if entry.outcome is not None or not entry.activated:
            self._lifeline.begin(entry.unheard)
            return
        if entry.starts < MAX_STARTS:
            self._note(entry.model_copy(update={"starts": entry.starts + 1}))
            return
        message = f"the agent went down {MAX_STARTS} times while this version was new"
        self._end_reverted(entry, Reason.INTERRUPTED, message)

    @property
    def patience(self) -> float:
        """Seconds after which :meth:`work` is to be called though the cloud is out of reach; infinity for never."""
        return self._lifeline.left(self._state.job)

    def work(self) -> None:
        """Do every job there is. What needs no cloud is done before the cloud is asked.

        Raises:
            Offline: the cloud went out of reach; calling again goes on where this call ended.
            Stopping: the agent is being stopped; the next start goes on.
        """
        entry = self._state.job
        if entry is not None and entry.activated and entry.outcome is None:
            # A power cut came while the version was new: judge it now, connected or not. Others may not run yet.
            self._flows.arrange(entry.document.flow_id, self._state.slots(entry.document.flow_id))
            try:
                self._prove(entry)
            except Cancelled:
                self._undo("it was cancelled", over=True)
        self._tell()
        done: set[str] = set()
        while (execution := self._jobs.next()) is not None:
            entry = self._state.job
            if entry is not None and entry.job_id != execution.job_id:
                self._undo("another job took its place", over=not self._jobs.is_open(entry.job_id))
            if execution.job_id in done or execution.job_id in self._told:
                return  # the cloud has not caught up yet; it will notify
            done.add(execution.job_id)
            self._do(execution)
            self._tell()
        if (entry := self._state.job) is not None:
            self._undo("it was cancelled while the device was away", over=not self._jobs.is_open(entry.job_id))

    # --- One job ------------------------------------------------------------------------------------------------

    def _do(self, execution: Execution) -> None:
        ordered = self._read_order(execution, self._state)
        if isinstance(ordered, NotUnderstood):
            self._refuse(execution.job_id, ordered)
            return
        # Begun before or not, nothing is changed yet. So the document counts as it is now: its address is fresh.
        document = ordered.document
        entry = JournalEntry.begin(execution.job_id, document, self._state.slots(document.flow_id))
        self._doubt.clear()
        # From here on a notification can raise doubt again.
        self._write(job=entry, watches=ordered.watches, orders=ordered.orders)
        try:
            if execution.status != IN_PROGRESS:
                self._spread()
                details = StatusDetails(step=Step.ACCEPTED).to_wire()
                self._jobs.update(execution.job_id, IN_PROGRESS, details)
            match document.operation:
                case Operation.APPLY:
                    self._change(entry, lambda slots: slots.applied(self._obtain(entry)))
                case Operation.STAGE:
                    self._change(entry, lambda slots: slots.staged(self._obtain(entry)))
                case Operation.ACTIVATE:
                    self._change(entry, lambda slots: self._switched(entry, slots))
                case Operation.REMOVE:
                    self._remove(entry)
        except UpdateRefused as refused:
            self._undo(str(refused), over=not self._jobs.is_open(entry.job_id))
        except Cancelled:
            self._undo("it was cancelled", over=True)
        except JobFailed as failed:
            self._end(entry, "FAILED", step=failed.step, reason=failed.reason, message=str(failed))

    def _change(self, entry: JournalEntry, change: Callable[[Slots], Slots]) -> None:
        """Let the flow's slots hold what the job asks for, and the version in question show that it works."""
        slots = change(entry.slots_before)
        self._stop_if_cancelled(entry)
        entry = entry.model_copy(update={"activated": True, "starts": 1})
        self._hold(entry.document.flow_id, slots, job=entry, sequence=self._file.next_sequence())
        self._flows.arrange(entry.document.flow_id, slots)
        self._prove(entry)

    def _obtain(self, entry: JournalEntry) -> InstalledVersion:
        return self._obtainer(entry, still_wanted=lambda: self._stop_if_cancelled(entry))

    def _switched(self, entry: JournalEntry, slots: Slots) -> Slots:
        """Return the slots with the asked version live. Raises JobFailed."""
        document = entry.document
        if slots.live is not None and slots.live.version == document.version:
            after = slots
        elif slots.standby is not None and slots.standby.version == document.version:
            after = slots.switched(self._clock())
        elif document.artifact is not None:
            after = slots.applied(self._obtain(entry))
        else:
            message = f"no slot holds version {document.version}: {slots.describe()}"
            raise JobFailed(Reason.NOT_STAGED, message, Step.ACTIVATE)
        return after.without_standby() if document.clear_standby else after

    def _prove(self, entry: JournalEntry) -> None:
        """Let the version of a job show that it works, live or standing by, and end the job either way."""
        check = entry.document.health_check
        try:
            if check is not None:
                self._watch(
                    entry.document.flow_id,
                    window_seconds=check.window_seconds,
                    cancelled=lambda: self._is_cancelled(entry),
                    standby=entry.document.operation is Operation.STAGE,
                    switched=entry.ran_before,
                )
            self._require_running(entry, cancelled=lambda: self._is_cancelled(entry))
        except Unwell as unwell:
            self._give_back(entry, unwell.reason, str(unwell))
            return
        except Stopping:
            self._note(entry.model_copy(update={"starts": entry.starts - 1}))  # that was not the version's doing
            raise
        self._end(entry, "SUCCEEDED", step=Step.DONE)

    def _require_running(self, entry: JournalEntry, *, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Wait until what a job is to bring about runs, however well it is. Raises Unwell, Cancelled, Stopping."""
        document = entry.document
        version = None if document.operation is Operation.REMOVE else document.version
        settled = self._watch.settle(
            document.flow_id,
            version,
            cancelled=cancelled,
            standby=document.operation is Operation.STAGE,
        )
        if settled.version != version:
            raise Unwell(settled.why, settled.reason)

    def _remove(self, entry: JournalEntry) -> None:
        self._stop_if_cancelled(entry)
        self._end(entry.model_copy(update={"activated": True}), "SUCCEEDED", step=Step.DONE, slots=Slots())
        self._flows.arrange(entry.document.flow_id, Slots())

    def _give_back(self, entry: JournalEntry, reason: Reason, message: str) -> None:
        """End the job as failed, for what it brought about does not work, and let run what ran before it."""
        self._end_reverted(entry, reason, message)
        self._flows.arrange(entry.document.flow_id, entry.slots_reverted)

    # --- Ways out -----------------------------------------------------------------------------------------------

    def _end_reverted(self, entry: JournalEntry, reason: Reason, message: str) -> None:
        """End the job as failed, with the version before as the live one again; only then may it be told."""
        reverted = entry.model_copy(update={"activated": False})
        self._end(reverted, "FAILED", step=Step.REVERT, reason=reason, message=message, slots=entry.slots_reverted)

    def _undo(self, why: str, *, over: bool) -> None:
        """Leave the device as it was before the job, and say nothing. What is ``over`` for the cloud counts no more."""
        if (entry := self._state.job) is None:
            return
        logger.info("job %s is given up: %s", entry.job_id, why)
        flow_id, slots = entry.document.flow_id, entry.slots_before
        orders = self._state.orders.ended(flow_id, entry.job_id) if over else self._state.orders
        if not entry.activated:
            self._write(job=None, orders=orders)
        else:
            self._hold(flow_id, slots, job=None, orders=orders, sequence=self._file.next_sequence())
            self._flows.arrange(flow_id, slots)
        self._store.keep_only(self._state.artifacts())

    def _refuse(self, job_id: str, refusal: NotUnderstood) -> None:
        """Refuse a document that was not understood; nothing is kept of it, for nothing was done."""
        live = self._state.slots(refusal.flow_id).live
        sequence = self._file.next_sequence()
        self._write(sequence=sequence)
        details = StatusDetails(
            step=Step.ACCEPTED,
            reason=refusal.reason,
            message=refusal.message,
            runs_version=self._running(refusal.flow_id),
            holds_version=live.version if live else None,
            sequence=sequence if refusal.flow_id else 0,
            epoch=self._file.epoch,
        )
        logger.warning("job %s is rejected: %s", job_id, refusal.message)
        self._tell_end(job_id, "REJECTED", details)
        self._told.note(job_id)

    def _end(
        self,
        entry: JournalEntry,
        status: Literal["SUCCEEDED", "FAILED"],
        *,
        step: Step,
        reason: Reason | None = None,
        message: str = "",
        slots: Slots | None = None,
    ) -> None:
        """Write how the job ended, together with what the flow's slots then hold."""
        flow_id = entry.document.flow_id
        left = self._state.slots(flow_id) if slots is None else slots
        sequence = self._file.next_sequence()
        details = StatusDetails(
            step=step,
            reason=reason,
            message=message,
            holds_version=left.live.version if left.live else None,
            sequence=sequence,
            epoch=self._file.epoch,
        )
        ended = entry.model_copy(update={"outcome": Outcome(status=status, details=details)})
        self._hold(flow_id, left, job=ended, sequence=sequence)
        self._lifeline.begin()

    def _tell(self) -> None:
        """Report an outcome that is on disk; a success that nobody hears of for too long is given back.

        Raises:
            Offline: it is to be told again.
        """
        try:
            self._tell_outcome()
        except Offline:
            entry = self._state.job
            if entry is not None and self._lifeline.left(entry) <= 0:
                self._give_back(entry, Reason.CONNECTION_LOST, self._lifeline.complaint(entry))
            elif entry is not None and (noted := self._lifeline.note(entry)) is not entry:
                self._note(noted)
            raise

    def _tell_outcome(self) -> None:
        """Report an outcome that is on disk; once it is taken, forget the job."""
        entry = self._file.state.job
        if entry is None or entry.outcome is None:
            return
        if entry.outcome.status == "SUCCEEDED" and not self._is_still_true(entry):
            self._tell_outcome()  # it has failed after all
            return
        details = entry.outcome.details.model_copy(update={"runs_version": self._running(entry.document.flow_id)})
        actual = self._tell_end(entry.job_id, entry.outcome.status, details)
        if actual != entry.outcome.status:  # else it is taken, or was before and the answer got lost
            self._undo(f"its end was not taken, for it is {actual or 'gone'}", over=True)
            return
        logger.info("job %s: %s", entry.job_id, entry.outcome.status)
        self._told.note(entry.job_id)
        self._file.write(self._state.told(entry))
        self._store.keep_only(self._state.artifacts())

    def _is_still_true(self, entry: JournalEntry) -> bool:
        """Tell whether a success that is on disk may be told. What does not run is given back, and the job has failed.

        Between the two there may have been a restart, and what ran before it may not start any more.
        """
        try:
            self._require_running(entry)
        except Unwell as unwell:
            if not self._jobs.is_open(entry.job_id):
                return True  # it is told, and the answer got lost: health reports say the rest
            runs_no_more = "" if entry.document.operation is Operation.REMOVE else "it does not run any more: "
            self._give_back(entry, unwell.reason, f"{runs_no_more}{unwell}")
            return False
        return True

    def _running(self, flow_id: str) -> int | None:
        """Return the version of a flow that really runs, once that is known. Raises Stopping."""
        live = self._state.slots(flow_id).live
        return self._watch.settle(flow_id, live.version if live is not None else None).version

    def _tell_end(self, job_id: str, status: str, details: StatusDetails) -> str | None:
        """Report how a job ended; returns how the cloud then has it, None when it does not say.

        Raises:
            Offline: it was not taken although the job is open; it must be told again, or the job stays for ever.
        """
        self._spread()
        try:
            self._jobs.update(job_id, status, details.to_wire())
        except UpdateRefused as refused:
            still_open = refused.status in OPEN if refused.status else self._jobs.is_open(job_id)
            if still_open:
                message = f"AWS IoT does not take the end of job {job_id}: {refused}"
                raise Offline(message) from refused
            return refused.status
        return status

    # --- Small parts --------------------------------------------------------------------------------------------

    @property
    def _state(self) -> AgentState:
        return self._file.state

    def _note(self, entry: JournalEntry) -> None:
        self._write(job=entry)

    def _write(self, **changes: Any) -> None:  # noqa: ANN401  fields of AgentState
        self._file.write(self._state.model_copy(update=changes))

    def _hold(self, flow_id: str, slots: Slots, **changes: Any) -> None:  # noqa: ANN401  fields of AgentState
        """Write what a flow's slots hold, together with these changes, in one step."""
        self._file.write(self._state.with_slots(flow_id, slots).model_copy(update=changes))

    def _stop_if_cancelled(self, entry: JournalEntry | None) -> None:
        if entry is not None and self._is_cancelled(entry):
            raise Cancelled

    def _is_cancelled(self, entry: JournalEntry) -> bool:
        """Ask the cloud, but only when there is doubt. Out of reach, the job goes on."""
        if not self._doubt.is_set():
            return False
        try:
            wanted = self._jobs.is_open(entry.job_id)
        except Offline:
            return False  # the doubt stays
        self._doubt.clear()
        return not wanted

    def _spread(self) -> None:
        """Wait a little, at random, so that a fleet does not speak all at once."""
        if self._jitter:
            self._watch.pause(random.uniform(0, self._jitter))  # noqa: S311  jitter, not a secret
