"""A flow with one health check, by the real clock."""

import threading
from typing import Any, Self

from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.flow import RunningFlow
from edge_agent.flows.builtin.io import IoLoop
from edgeflow.contract.report import Health
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.builtin.bench import DEVICE_ID, FLOW_ID, PATIENCE_SECONDS, artifact, chain, node


class Checked:
    """A flow with one check, by the real clock; leaving the block stops it."""

    def __init__(self, io: IoLoop, check: dict[str, Any], *, programs: frozenset[str] = frozenset()) -> None:
        definition = chain(node("in", "inject"), node("out", "debug")) | {"health_checks": [{"name": "it", **check}]}
        context = FlowContext(
            device_id=DEVICE_ID, flow_id=FLOW_ID, hardware={}, publish=lambda *_, **__: None, io=io, programs=programs
        )
        self.changed = threading.Event()
        self.flow = RunningFlow(artifact(definition), context, on_change=self.changed.set)

    def __enter__(self) -> Self:
        self.flow.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.flow.stop()

    def until(self, wanted: Health) -> str:
        """Wait until the flow is so; returns what its check complains of."""

        def look() -> str | None:
            health, nodes = self.flow.health()
            return "; ".join(each.error for each in nodes if each.node_id == "check:it") if health is wanted else None

        return wait_for(look, what=f"the flow is {wanted}", seconds=PATIENCE_SECONDS)

    def until_complaint(self, complaint: str) -> None:
        """Wait until the flow is unhealthy and its check complains of just this."""
        wait_for(lambda: self.until(Health.UNHEALTHY) == complaint or None, what=complaint, seconds=PATIENCE_SECONDS)
