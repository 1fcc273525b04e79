"""The health report: it always fits, and says how every flow is even when it cannot say why."""

from edge_agent.report import MAX_REPORT_BYTES, write_report
from edgeflow.contract.report import MAX_REPORTED_FLOWS, FlowHealth, Health, HealthReport, NodeHealth, Slot
from tests.unit.edge_agent.device import NOON, sha256


def flows(count: int, nodes: int) -> list[FlowHealth]:
    """Return flows with so many nodes that have much to say."""
    ill = tuple(NodeHealth(node_id=f"n{index}", health=Health.UNHEALTHY, error="ü" * 512) for index in range(nodes))
    return [
        FlowHealth(
            flow_id=f"flow_{number}",
            version=1,
            sha256=sha256(1),
            slot=Slot.BLUE,
            health=Health.UNHEALTHY,
            since=NOON,
            nodes=ill,
        )
        for number in range(count)
    ]


def test_nodes_that_are_not_well_are_named() -> None:
    told = HealthReport.model_validate_json(write_report(flows(2, 3), now=NOON, sequence=7))
    assert (told.sequence, told.sent_at, len(told.flows)) == (7, NOON, 2)
    assert [len(flow.nodes) for flow in told.flows] == [3, 3]


def test_a_report_that_would_be_too_long_still_tells_how_every_flow_is() -> None:
    content = write_report(flows(MAX_REPORTED_FLOWS + 1, 20), now=NOON, sequence=1)
    assert len(content) <= MAX_REPORT_BYTES
    told = HealthReport.model_validate_json(content)
    assert len(told.flows) == MAX_REPORTED_FLOWS
    assert {(flow.health, flow.nodes) for flow in told.flows} == {(Health.UNHEALTHY, ())}
