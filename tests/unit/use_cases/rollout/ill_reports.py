"""A device that says that it is unhealthy, in the midst of a rollout."""

from edgeflow.contract.report import FlowHealth, Health, HealthReport, NodeHealth, Slot
from tests.unit.use_cases.cloud import (
    FLOW,
)
from tests.unit.use_cases.memory import MOMENT


def ill_report(*, version: int, sequence: int) -> HealthReport:
    """Return a report of a device whose flow has turned unhealthy."""
    node = NodeHealth(node_id="n1", health=Health.UNHEALTHY, error="the sensor is gone")
    flow = FlowHealth(
        flow_id=FLOW,
        version=version,
        sha256="2" * 64,
        slot=Slot.BLUE,
        health=Health.UNHEALTHY,
        since=MOMENT,
        nodes=(node,),
    )
    return HealthReport(sent_at=MOMENT, sequence=sequence, agent_version="0", flows=(flow,))
