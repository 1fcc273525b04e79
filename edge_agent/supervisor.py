"""Keeps exactly the flows running that the state says, and tells how they are."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge_agent.runtime.check import FlowRejected, check_flow
from edge_agent.runtime.flow import FlowContext, RunningFlow
from edge_agent.state import LiveFlow
from edge_agent.store import ArtifactDamaged, ArtifactStore, ArtifactUnreadable
from edgeflow.contract.report import FlowHealth, Health, NodeHealth, Slot

logger = logging.getLogger(__name__)

_WHOLE_FLOW = "flow"
"""Stands where a node's id would, when no node could even be made."""


@dataclass(frozen=True, slots=True)
class _Supervised:
    live: LiveFlow
    flow: RunningFlow | None
    error: str = ""

    def health(self) -> tuple[Health, tuple[NodeHealth, ...]]:
        if self.flow is None:
            return Health.UNHEALTHY, (NodeHealth(node_id=_WHOLE_FLOW, health=Health.UNHEALTHY, error=self.error[:512]),)
        return self.flow.health()


class Supervisor:
    """Starts, replaces and stops flows. Called from one thread; looked at from several."""

    def __init__(
        self, store: ArtifactStore, context: Callable[[str], FlowContext], *, on_change: Callable[[], None]
    ) -> None:
        """Run artifacts of this store; ``context`` makes a flow's surroundings, ``on_change`` hears of its health."""
        self._store = store
        self._context = context
        self._on_change = on_change
        self._lock = threading.Lock()
        self._flows: dict[str, _Supervised] = {}

    def bring_up(self, flows: Mapping[str, LiveFlow]) -> None:
        """Start what the device ran before it was switched off."""
        for flow_id, live in flows.items():
            self.replace(flow_id, live)

    def replace(self, flow_id: str, live: LiveFlow | None) -> None:
        """Run this version of a flow in place of the one that runs; None stops it.

        A version that cannot be started is kept as an unhealthy flow, and nothing is raised: what runs
        is the caller's decision, and it decides by health.
        """
        with self._lock:
            before = self._flows.pop(flow_id, None)
        if before is not None and before.flow is not None:
            before.flow.stop()
        if live is not None:
            supervised = self._start(flow_id, live)
            with self._lock:
                self._flows[flow_id] = supervised
        self._on_change()

    def health(self, flow_id: str) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return how a flow is, and which of its nodes are not well; a flow that does not run is unhealthy."""
        with self._lock:
            supervised = self._flows.get(flow_id)
        if supervised is None:
            return Health.UNHEALTHY, ()
        return supervised.health()

    def failures(self, flow_id: str) -> tuple[NodeHealth, ...]:
        """Return each failure of a node since the flow was started, also those it got over."""
        with self._lock:
            supervised = self._flows.get(flow_id)
        return supervised.flow.failures() if supervised is not None and supervised.flow is not None else ()

    def running(self) -> dict[str, int]:
        """Return the version of each flow that really runs now."""
        with self._lock:
            return {flow_id: each.live.version for flow_id, each in self._flows.items() if each.flow is not None}

    def report(self) -> tuple[FlowHealth, ...]:
        """Return how every flow is, for the cloud."""
        with self._lock:
            flows = dict(self._flows)
        told = []
        for flow_id, supervised in sorted(flows.items()):
            health, nodes = supervised.health()
            told.append(
                FlowHealth(
                    flow_id=flow_id,
                    version=supervised.live.version,
                    sha256=supervised.live.sha256,
                    slot=Slot.BLUE,
                    health=health,
                    since=supervised.live.since,
                    nodes=nodes,
                )
            )
        return tuple(told)

    def stop(self) -> None:
        """Stop every flow."""
        with self._lock:
            flows = list(self._flows.values())
            self._flows.clear()
        for supervised in flows:
            if supervised.flow is not None:
                supervised.flow.stop()

    def _start(self, flow_id: str, live: LiveFlow) -> _Supervised:
        try:
            artifact = self._store.get(live.sha256)
            check_flow(artifact)
        except (ArtifactDamaged, ArtifactUnreadable, FlowRejected) as error:
            logger.error("flow %s version %d cannot run: %s", flow_id, live.version, error)  # noqa: TRY400  one sentence says it
            return _Supervised(live, None, str(error))
        flow = RunningFlow(artifact, self._context(flow_id), on_change=self._on_change)
        flow.start()
        return _Supervised(live, flow)
