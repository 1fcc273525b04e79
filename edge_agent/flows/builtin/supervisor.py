"""Keeps exactly the versions running that the slots of the flows hold, and tells how they are."""

import dataclasses
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.store import ArtifactDamaged, ArtifactStore, ArtifactUnreadable
from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.flow import RunningFlow
from edge_agent.flows.builtin.io import IoLoop
from edge_agent.flows.builtin.outputs import Outputs
from edge_agent.flows.language.clock import Clock
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.language.secrets import NO_SECRETS, Secrets
from edge_agent.flows.stuck_nodes import StuckNodes
from edgeflow.contract.flow import FlowArtifact
from edgeflow.contract.report import MAX_REPORTED_NODES, FlowHealth, Health, NodeHealth, Slot

logger = logging.getLogger(__name__)

_WHOLE_FLOW = "flow"
"""Stands where a node's id would, when no node could even be made."""


@dataclass(frozen=True, slots=True)
class _Supervised:
    installed: InstalledVersion
    flow: RunningFlow | None
    error: str = ""

    def health(self) -> tuple[Health, tuple[NodeHealth, ...]]:
        if self.flow is None:
            return Health.UNHEALTHY, (NodeHealth(node_id=_WHOLE_FLOW, health=Health.UNHEALTHY, error=self.error[:512]),)
        return self.flow.health()

    def report(self, flow_id: str, slot: Slot, *, live: bool) -> FlowHealth:
        health, nodes = self.health()
        told = FlowHealth(
            flow_id=flow_id,
            version=self.installed.version,
            sha256=self.installed.sha256,
            slot=slot,
            live=live,
            running=self.flow is not None,
            health=health,
            since=self.installed.since,
            nodes=nodes,
        )
        if self.flow is None:
            return told
        activity = self.flow.activity()
        return told.model_copy(
            update={
                "messages_per_minute": activity.received_per_minute,
                "dropped": activity.dropped,
                "activity": activity.worth_telling(MAX_REPORTED_NODES),
            }
        )

    def runs(self, version: InstalledVersion) -> bool:
        return self.flow is not None and self.installed.is_same(version)


@dataclass(frozen=True, slots=True)
class _Flow:
    """What runs of one flow. Never changed, but replaced; ``outputs`` stays the same."""

    outputs: Outputs = field(default_factory=Outputs)
    live: Slot | None = None
    slots: Mapping[Slot, _Supervised] = field(default_factory=dict)

    def find(self, *, standby: bool) -> _Supervised | None:
        found = [held for slot, held in self.slots.items() if (slot is not self.live) == standby]
        return found[0] if found else None


class Supervisor:
    """Starts, switches and stops flows. Called from one thread; looked at from several."""

    def __init__(
        self,
        store: ArtifactStore,
        context: Callable[[str], FlowContext],
        *,
        on_change: Callable[[], None],
        io: IoLoop | None = None,
        clock: Clock | None = None,
        secrets: Callable[[], Secrets] = lambda: NO_SECRETS,
    ) -> None:
        """Run artifacts of this store; ``context`` makes a flow's surroundings, ``on_change`` hears of its health.

        ``secrets`` returns those of the device as they are now; a flow is given those that it names when it is started.
        ``io`` is the loop that the surroundings hand to flows, to be watched like the flows' own; ``clock`` is the time
        that flows run by, the system's when absent.
        """
        self._clock = clock
        self._store = store
        self._context = context
        self._secrets = secrets
        self._on_change = on_change
        self._lock = threading.Lock()
        self._flows: dict[str, _Flow] = {}
        self._stuck_nodes = StuckNodes(self._running_flows, io)

    def check(self, flow_id: str, artifact: FlowArtifact) -> None:
        """Tell whether this device can run a flow, before anything of it runs. Raises FlowRejected."""
        self._check(flow_id, artifact, self._secrets())

    def bring_up(self, flows: Mapping[str, Slots]) -> None:
        """Start what the device ran before it was switched off."""
        for flow_id, slots in flows.items():
            self.arrange(flow_id, slots)

    def arrange(self, flow_id: str, slots: Slots) -> None:
        """Run just what a flow's slots hold, the live version heard, the other one muted.

        A version that runs in its slot already goes on running, so a switch restarts nothing. One that
        cannot be started is kept as an unhealthy flow, and nothing is raised: what runs is the caller's
        decision, and it decides by health.
        """
        with self._lock:
            present = self._flows.get(flow_id) or _Flow()
        wanted = slots.by_slot()
        live = slots.live.slot if slots.live is not None else None
        running = {
            slot: dataclasses.replace(present.slots[slot], installed=version)
            for slot, version in wanted.items()
            if slot in present.slots and present.slots[slot].runs(version)
        }
        if live in running:
            present.outputs.switch_to(live)  # traffic moves here, from one moment to the next
        self._put(flow_id, dataclasses.replace(present, live=live, slots=running))
        for slot, supervised in present.slots.items():
            if slot not in running and supervised.flow is not None:
                supervised.flow.stop()
        present.outputs.switch_to(live)  # before its first word, and after the last one of what was there
        for slot, version in wanted.items():
            if slot not in running:
                running = {**running, slot: self._start(flow_id, version, present.outputs)}
        self._put(flow_id, dataclasses.replace(present, live=live, slots=running))
        self._on_change()

    def health(self, flow_id: str, *, standby: bool = False) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return how a flow's live version is, or the one that stands by, and which of its nodes are not well.

        One that does not run is unhealthy.
        """
        supervised = self._find(flow_id, standby=standby)
        return supervised.health() if supervised is not None else (Health.UNHEALTHY, ())

    def failures(self, flow_id: str, *, standby: bool = False) -> tuple[NodeHealth, ...]:
        """Return each failure of a node since that version was started, also those it got over."""
        supervised = self._find(flow_id, standby=standby)
        return supervised.flow.failures() if supervised is not None and supervised.flow is not None else ()

    def start_seconds(self, flow_id: str, *, standby: bool = False) -> float:
        """Return how long a version may take to start, over what nodes need: its own health checks' grace."""
        supervised = self._find(flow_id, standby=standby)
        return supervised.flow.grace_seconds if supervised is not None and supervised.flow is not None else 0.0

    def running(self, *, standby: bool = False) -> dict[str, int]:
        """Return the version of each flow that really runs now: the live one, or the one that stands by."""
        with self._lock:
            found = {flow_id: flow.find(standby=standby) for flow_id, flow in self._flows.items()}
        return {
            flow_id: each.installed.version
            for flow_id, each in found.items()
            if each is not None and each.flow is not None
        }

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
        self._stuck_nodes.stop()
        with self._lock:
            flows = [supervised for flow in self._flows.values() for supervised in flow.slots.values()]
            self._flows.clear()
        for supervised in flows:
            if supervised.flow is not None:
                supervised.flow.stop()

    def _running_flows(self) -> list[RunningFlow]:
        with self._lock:
            held = [supervised.flow for flow in self._flows.values() for supervised in flow.slots.values()]
        return [flow for flow in held if flow is not None]

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

    def _check(self, flow_id: str, artifact: FlowArtifact, secrets: Secrets) -> None:
        check_for_builtin(artifact, self._context(flow_id).overrides, secrets)

    def _start(self, flow_id: str, version: InstalledVersion, outputs: Outputs) -> _Supervised:
        try:
            artifact = self._store.get(version.sha256)
            secrets = self._secrets()
            self._check(flow_id, artifact, secrets)
        except (ArtifactDamaged, ArtifactUnreadable, FlowRejected) as error:
            logger.error("flow %s version %d cannot run: %s", flow_id, version.version, error)  # noqa: TRY400  one sentence says it
            return _Supervised(version, None, str(error))
        context = self._context(flow_id)
        gated = dataclasses.replace(
            context,
            publish=outputs.gate(version.slot, context.publish),
            muted=lambda: outputs.is_muted(version.slot),
            secrets=secrets.named_by(artifact.definition),
        )
        flow = RunningFlow(artifact, gated, on_change=self._on_change, clock=self._clock)
        flow.start()
        self._stuck_nodes.start()
        return _Supervised(version, flow)
