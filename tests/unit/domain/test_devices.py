"""What is known of a device: whether it is connected, and what it runs."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.devices import Device, DeviceState, InstalledFlow, RunningFlow, running_flows, why_offline
from edgeflow.domain.unreadable import Kind, Unreadable

NOON = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
DEVICE = Device(id="dev_1", state=DeviceState.REGISTERED, attempt="1")


def says(flow_id: str, version: int, *, live: bool = True) -> FlowHealth:
    slot = Slot.BLUE if live else Slot.GREEN
    return FlowHealth(
        flow_id=flow_id, version=version, sha256="2" * 64, slot=slot, live=live, health=Health.HEALTHY, since=NOON
    )


def report(*flows: FlowHealth) -> HealthReport:
    return HealthReport(sent_at=NOON, sequence=1, agent_version="1", flows=flows)


def installed(flow_id: str, version: int | None, deployment_id: str = "dep_1") -> InstalledFlow:
    return InstalledFlow(flow_id=flow_id, version=version, deployment_id=deployment_id, claimed_by=None)


def runs(flow: FlowHealth, deployment_id: str | None) -> RunningFlow:
    return RunningFlow(flow_id=flow.flow_id, version=flow.version, deployment_id=deployment_id, reported=flow)


@pytest.mark.parametrize(
    ("device", "why"),
    [
        (replace(DEVICE, connected=True), None),
        (DEVICE, "nothing was heard of a connection so far"),
        (replace(DEVICE, connected=False, connection_changed_at="12:00"), "gone since 12:00"),
        (replace(DEVICE, connected=False), "gone since an unknown moment"),
        (Unreadable(kind=Kind.DEVICE, id="dev_1", of="", fault="no state"), "its record cannot be read"),
    ],
)
def test_a_device_counts_as_offline_unless_aws_iot_says_that_it_is_connected(
    device: Device | Unreadable, why: str | None
) -> None:
    assert why_offline(device) == why


def test_where_report_and_deployment_agree_the_deployment_is_named() -> None:
    assert running_flows(report(says("flow_1", 2)), [installed("flow_1", 2)]) == [runs(says("flow_1", 2), "dep_1")]


def test_where_they_differ_the_device_s_own_word_counts_and_no_deployment_is_named() -> None:
    assert running_flows(report(says("flow_1", 1)), [installed("flow_1", 2)]) == [runs(says("flow_1", 1), None)]


def test_what_was_deployed_and_not_reported_yet_is_listed_without_health() -> None:
    expected = RunningFlow(flow_id="flow_1", version=2, deployment_id="dep_1", reported=None)
    assert running_flows(None, [installed("flow_1", 2)]) == [expected]
    assert running_flows(report(), [installed("flow_1", 2)]) == [expected]


def test_what_was_removed_is_listed_only_while_the_device_still_reports_it() -> None:
    assert running_flows(None, [installed("flow_1", None)]) == []
    assert running_flows(report(says("flow_1", 2)), [installed("flow_1", None)]) == [runs(says("flow_1", 2), None)]


def test_both_slots_of_a_flow_are_listed_by_version() -> None:
    old, new = says("flow_1", 1), says("flow_1", 2, live=False)
    assert running_flows(report(new, old), [installed("flow_1", 2)]) == [runs(old, None), runs(new, "dep_1")]


FLOW_IDS = st.sampled_from(["flow_1", "flow_2", "flow_3"])


@given(
    told=st.lists(st.builds(says, FLOW_IDS, st.integers(1, 3)), max_size=4),
    deployed=st.dictionaries(FLOW_IDS, st.none() | st.integers(1, 3)),
)
def test_nothing_reported_is_lost_and_each_flow_that_should_be_there_is_listed(
    told: list[FlowHealth], deployed: dict[str, int | None]
) -> None:
    listed = running_flows(report(*told), [installed(*each) for each in deployed.items()])
    by_flow = [(each.flow_id, each.version) for each in listed]
    assert by_flow == sorted(by_flow)
    assert by_flow == sorted(
        [(each.flow_id, each.version) for each in told]
        + [
            (flow_id, version)
            for flow_id, version in deployed.items()
            if version is not None and flow_id not in {each.flow_id for each in told}
        ]
    )
