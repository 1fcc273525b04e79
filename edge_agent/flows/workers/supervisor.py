"""Keeps exactly the versions running that the slots of the flows hold, and tells how they are."""

import dataclasses
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.store import ArtifactDamaged, ArtifactStore, ArtifactUnreadable
from edge_agent.flows.language.proof import Proof
from edge_agent.flows.workers.flow_worker import WHOLE_FLOW, Activity
from edge_agent.flows.workers.outputs import Outputs
from edgeflow.contract.flow import FlowArtifact
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import FlowHealth, Health, NodeHealth, Slot

logger = logging.getLogger(__name__)


class FlowRun(Protocol):
    """One version of a flow that was started, in one slot."""

    @property
    def is_running(self) -> bool:
        """Whether it really runs."""
        ...

    @property
    def is_begun(self) -> bool:
        """Whether it runs, or is about to: who asks for it again asks for nothing new."""
        ...

    @property
    def process(self) -> int | None:
        """The id of its process, when it has one of its own now."""
        ...

    @property
    def reason(self) -> Reason:
        """The code of what is wrong, when something is."""
        ...

    @property
    def grace_seconds(self) -> float:
        """How long the flow's own health checks may take until the first time they pass."""
        ...

    @property
    def proof(self) -> Proof:
        """How long it must run until what is wrong with it can have shown; known once it runs."""
        ...

    def health(self) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return how it is, and which of its nodes are not well."""
        ...

    def failures(self) -> tuple[NodeHealth, ...]:
        """Return each failure of a node since its start, the latest last."""
        ...

    def activity(self) -> Activity:
        """Return how busy it is."""
        ...

    def mute(self, *, muted: bool) -> None:
        """Take note that it only stands by, or no longer. What it says is kept back or not before that."""
        ...

    def begin_to_stop(self) -> None:
        """Begin to stop, and return at once."""
        ...

    def stop(self) -> None:
        """Stop; returns when nothing of it works any more."""
        ...


class StartFlow(Protocol):
    """Starts versions of flows."""

    def __call__(
        self, flow_id: str, version: InstalledVersion, artifact: FlowArtifact, outputs: Outputs, *, anew: bool
    ) -> FlowRun:
        """Start one in its slot; what it says goes through ``outputs``. Nothing is raised, and nothing waited for.

        ``anew``: somebody asked for it now, so what became of it before does not count.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Supervised:
    installed: InstalledVersion
    flow: FlowRun | None
    error: str = ""

    def health(self) -> tuple[Health, tuple[NodeHealth, ...]]:
        if self.flow is None:
            return Health.UNHEALTHY, (NodeHealth(node_id=WHOLE_FLOW, health=Health.UNHEALTHY, error=self.error[:512]),)
        return self.flow.health()

    def reason(self) -> Reason:
        return self.flow.reason if self.flow is not None else Reason.UNHEALTHY

    def report(self, flow_id: str, slot: Slot, *, live: bool) -> FlowHealth:
        health, nodes = self.health()
        reason = self.reason()
        told = FlowHealth(
            flow_id=flow_id,
            version=self.installed.version,
            sha256=self.installed.sha256,
            slot=slot,
            live=live,
            running=self.is_running,
            health=health,
            reason=reason if health is Health.UNHEALTHY and reason is not Reason.UNHEALTHY else None,
            since=self.installed.since,
            nodes=nodes,
        )
        if self.flow is None:
            return told
        activity = self.flow.activity()
        return told.model_copy(
            update={
                "messages_per_minute": activity.per_minute,
                "dropped": activity.dropped,
                "activity": activity.nodes,
            }
        )

    @property
    def is_running(self) -> bool:
        return self.flow is not None and self.flow.is_running

    def is_begun_as(self, version: InstalledVersion) -> bool:
        return self.flow is not None and self.flow.is_begun and self.installed.is_same(version)


@dataclass(frozen=True, slots=True)
class _Flow:
    """What runs of one flow. Never changed, but replaced; ``outputs`` stays the same."""

    outputs: Outputs = field(default_factory=Outputs)
    live: Slot | None = None
    slots: Mapping[Slot, _Supervised] = field(default_factory=dict)

    def find(self, *, standby: bool) -> _Supervised | None:
        found = [held for slot, held in self.slots.items() if (slot is not self.live) == standby]
        return found[0] if found else None

    def runs(self) -> Iterable[FlowRun]:
        return [held.flow for held in self.slots.values() if held.flow is not None]


class Supervisor:
    """Starts, switches and stops flows. Safe to use from several threads; changes are made one after the other."""

    def __init__(self, store: ArtifactStore, start: StartFlow, *, on_change: Callable[[], None]) -> None:
        """Run artifacts of this store by ``start``; ``on_change`` hears when what runs, or its health, changes."""
        self._store = store
        self._start_flow = start
        self._on_change = on_change
        self._changing = threading.Lock()
        """Held while flows are started and stopped; never taken by who holds the other one."""
        self._lock = threading.Lock()
        self._flows: dict[str, _Flow] = {}
        self._asked_for: set[str] = set()
        """Flows that somebody arranged."""

    def bring_up(self, flows: Mapping[str, Slots]) -> None:
        """Start what the device ran before it was switched off, but for flows that a job has changed already."""
        for flow_id, slots in flows.items():
            with self._changing:
                if flow_id not in self._asked_for:
                    self._arrange(flow_id, slots, anew=False)

    def hold_back(self, flows: Mapping[str, Slots], why: str) -> None:
        """Run none of these flows, and say why, as a sentence."""
        with self._changing:
            for flow_id, slots in flows.items():
                held = {slot: _Supervised(version, None, why) for slot, version in slots.by_slot().items()}
                live = slots.live.slot if slots.live is not None else None
                self._put(flow_id, _Flow(live=live, slots=held))
        self._on_change()

    def arrange(self, flow_id: str, slots: Slots) -> None:
        """Run just what a flow's slots hold, the live version heard, the other one muted.

        A version that runs in its slot already goes on running, so a switch restarts nothing. One that
        cannot be started is kept as an unhealthy flow, and nothing is raised: what runs is the caller's
        decision, and it decides by health.
        """
        with self._changing:
            self._asked_for.add(flow_id)
            self._arrange(flow_id, slots, anew=True)

    def _arrange(self, flow_id: str, slots: Slots, *, anew: bool) -> None:
        with self._lock:
            present = self._flows.get(flow_id) or _Flow()
        wanted = slots.by_slot()
        live = slots.live.slot if slots.live is not None else None
        running = {
            slot: dataclasses.replace(present.slots[slot], installed=version)
            for slot, version in wanted.items()
            if slot in present.slots and present.slots[slot].is_begun_as(version)
        }
        if live in running:
            present.outputs.switch_to(live)  # traffic moves here, from one moment to the next
        self._put(flow_id, dataclasses.replace(present, live=live, slots=running))
        _stop([held.flow for slot, held in present.slots.items() if slot not in running and held.flow is not None])
        present.outputs.switch_to(live)  # before its first word, and after the last one of what was there
        for slot, held in running.items():
            if held.flow is not None:
                held.flow.mute(muted=slot is not live)
        for slot, version in wanted.items():
            if slot not in running:
                running = {**running, slot: self._start(flow_id, version, present.outputs, anew=anew)}
        self._put(flow_id, dataclasses.replace(present, live=live, slots=running))
        self._on_change()

    def health(self, flow_id: str, *, standby: bool = False) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return how a flow's live version is, or the one that stands by, and which of its nodes are not well.

        One that does not run is unhealthy.
        """
        supervised = self._find(flow_id, standby=standby)
        return supervised.health() if supervised is not None else (Health.UNHEALTHY, ())

    def reason(self, flow_id: str, *, standby: bool = False) -> Reason:
        """Return the code of what is wrong with that version, when something is."""
        supervised = self._find(flow_id, standby=standby)
        return supervised.reason() if supervised is not None else Reason.UNHEALTHY

    def failures(self, flow_id: str, *, standby: bool = False) -> tuple[NodeHealth, ...]:
        """Return each failure of a node since that version was started, also those it got over."""
        supervised = self._find(flow_id, standby=standby)
        return supervised.flow.failures() if supervised is not None and supervised.flow is not None else ()

    def start_seconds(self, flow_id: str, *, standby: bool = False) -> float:
        """Return how long a version may take to start, over what nodes need: its own health checks' grace."""
        supervised = self._find(flow_id, standby=standby)
        return supervised.flow.grace_seconds if supervised is not None and supervised.flow is not None else 0.0

    def proof_seconds(self, flow_id: str, *, standby: bool = False, switched: bool = False) -> float:
        """Return how long that version must run until what is wrong with it can have shown."""
        supervised = self._find(flow_id, standby=standby)
        if supervised is None or supervised.flow is None:
            return 0.0
        return supervised.flow.proof.of(switched=switched)

    def running(self, *, standby: bool = False) -> dict[str, int]:
        """Return the version of each flow that really runs now: the live one, or the one that stands by."""
        with self._lock:
            found = {flow_id: flow.find(standby=standby) for flow_id, flow in self._flows.items()}
        return {
            flow_id: each.installed.version for flow_id, each in found.items() if each is not None and each.is_running
        }

    def processes(self) -> dict[str, int]:
        """Return the process id of each flow's live version that has a process of its own now."""
        with self._lock:
            found = {flow_id: flow.find(standby=False) for flow_id, flow in self._flows.items()}
        held = {
            flow_id: each.flow.process for flow_id, each in found.items() if each is not None and each.flow is not None
        }
        return {flow_id: process for flow_id, process in held.items() if process is not None}

    def report(self) -> tuple[FlowHealth, ...]:
        """Return how every flow is in every slot, for the cloud."""
        with self._lock:
            flows = dict(self._flows)
        told = []
        for flow_id, flow in sorted(flows.items()):
            for slot, supervised in sorted(flow.slots.items()):
                told.append(supervised.report(flow_id, slot, live=slot is flow.live))
        return tuple(told)

    def stop(self) -> None:
        """Stop every flow."""
        with self._changing:
            with self._lock:
                flows = [run for flow in self._flows.values() for run in flow.runs()]
                self._flows.clear()
            _stop(flows)

    def _find(self, flow_id: str, *, standby: bool) -> _Supervised | None:
        with self._lock:
            flow = self._flows.get(flow_id)
        return flow.find(standby=standby) if flow is not None else None

    def _put(self, flow_id: str, flow: _Flow) -> None:
        with self._lock:
            if flow.slots:
                self._flows[flow_id] = flow
            else:
                self._flows.pop(flow_id, None)

    def _start(self, flow_id: str, version: InstalledVersion, outputs: Outputs, *, anew: bool) -> _Supervised:
        try:
            artifact = self._store.get(version.sha256)
        except (ArtifactDamaged, ArtifactUnreadable) as error:
            logger.error("flow %s version %d cannot run: %s", flow_id, version.version, error)  # noqa: TRY400  one sentence says it
            return _Supervised(version, None, str(error))
        return _Supervised(version, self._start_flow(flow_id, version, artifact, outputs, anew=anew))


def _stop(flows: Iterable[FlowRun]) -> None:
    """Stop these, all at once."""
    stopping = list(flows)
    for flow in stopping:
        flow.begin_to_stop()
    for flow in stopping:
        flow.stop()
