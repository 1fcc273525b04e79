"""The health report: it always fits, and says how every flow is even when it cannot say why."""

from edge_agent.cloud.report import MAX_REPORT_BYTES, write_report
from edgeflow.contract.report import (
    MAX_REPORTED_FLOWS,
    FlowHealth,
    Health,
    HealthReport,
    NodeActivity,
    NodeHealth,
    Slot,
    Vitals,
)
from tests.unit.edge_agent.device import NOON, sha256

EPOCH = "0123456789abcdef"
VITALS = Vitals(agent_memory=40_000_000)


def flows(count: int, nodes: int, *, busy: int = 0) -> list[FlowHealth]:
    """Return flows with so many nodes that have much to say, and so many that are busy."""
    activity = tuple(
        NodeActivity(node_id=f"n{index}", received_per_minute=1, sent_per_minute=1, last_error="ü" * 512)
        for index in range(busy)
    )
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
            activity=activity,
        )
        for number in range(count)
    ]


def test_nodes_that_are_not_well_are_named() -> None:
    told = HealthReport.model_validate_json(write_report(flows(2, 3), vitals=VITALS, now=NOON, epoch=EPOCH, sequence=7))
    assert (told.sequence, told.sent_at, len(told.flows)) == (7, NOON, 2)
    assert [len(flow.nodes) for flow in told.flows] == [3, 3]


def test_a_report_that_would_be_too_long_still_tells_how_every_flow_is() -> None:
    content = write_report(flows(MAX_REPORTED_FLOWS + 1, 20), vitals=VITALS, now=NOON, epoch=EPOCH, sequence=1)
    assert len(content) <= MAX_REPORT_BYTES
    told = HealthReport.model_validate_json(content)
    assert len(told.flows) == MAX_REPORTED_FLOWS
    assert {(flow.health, flow.nodes) for flow in told.flows} == {(Health.UNHEALTHY, ())}


def test_the_device_s_own_state_goes_with_it() -> None:
    told = HealthReport.model_validate_json(write_report([], vitals=VITALS, now=NOON, epoch=EPOCH, sequence=7))
    assert told.vitals == VITALS


def test_how_busy_nodes_are_is_left_out_before_why_they_are_not_well() -> None:
    content = write_report(flows(10, 5, busy=20), vitals=VITALS, now=NOON, epoch=EPOCH, sequence=1)
    assert len(content) <= MAX_REPORT_BYTES
    told = HealthReport.model_validate_json(content)
    assert {(len(flow.nodes), len(flow.activity)) for flow in told.flows} == {(5, 0)}
