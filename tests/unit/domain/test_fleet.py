"""Which devices are looked for, and how the fleet is counted."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.devices import Device, DeviceState
from edgeflow.domain.fleet import (
    ANY_DEVICE,
    Connection,
    DeviceFilter,
    DeviceGlance,
    DeviceHealth,
    FleetCount,
    connection_of,
    health_of,
    live_flows,
)

NOON = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)


def runs(flow_id: str, version: int, health: Health, *, live: bool = True) -> FlowHealth:
    slot = Slot.BLUE if live else Slot.GREEN
    return FlowHealth(
        flow_id=flow_id, version=version, sha256="2" * 64, slot=slot, live=live, health=health, since=NOON
    )


def reports(*flows: FlowHealth, agent: str = "1.2") -> HealthReport:
    return HealthReport(sent_at=NOON, sequence=1, agent_version=agent, flows=flows)


def device(report: HealthReport | None = None, *, connected: bool | None = None) -> Device:
    return Device(id="Pump_7", state=DeviceState.REGISTERED, attempt="1", connected=connected, report=report)


TWO_FLOWS = device(
    reports(
        runs("flow_1", 2, Health.HEALTHY),
        runs("flow_1", 3, Health.UNHEALTHY, live=False),
        runs("flow_2", 5, Health.STARTING),
    ),
    connected=True,
)


@pytest.mark.parametrize(
    ("connected", "expected"), [(None, Connection.UNKNOWN), (True, Connection.YES), (False, Connection.NO)]
)
def test_a_device_is_found_by_its_connection_alone(*, connected: bool | None, expected: Connection) -> None:
    assert connection_of(connected) is expected
    found = [each for each in Connection if DeviceFilter(connected=each).matches(device(connected=connected))]
    assert found == [expected]


@given(told=st.lists(st.sampled_from(Health), max_size=4), standing_by=st.sampled_from(Health))
def test_a_device_is_as_its_live_flow_that_is_worst_off(told: list[Health], standing_by: Health) -> None:
    flows = [runs(f"flow_{number}", 1, health) for number, health in enumerate(told)]
    report = reports(*flows, runs("flow_9", 1, standing_by, live=False))
    worst = [health for health in (Health.UNHEALTHY, Health.STARTING, Health.HEALTHY) if health in told]
    assert health_of(report) == (worst[0].value if worst else "unknown")
    assert list(live_flows(report)) == flows
    assert [each for each in DeviceHealth if DeviceFilter(health=each).matches(device(report))] == [health_of(report)]


def test_of_a_device_that_reported_nothing_nothing_is_known() -> None:
    assert health_of(None) is DeviceHealth.UNKNOWN
    assert list(live_flows(None)) == []
    assert ANY_DEVICE.matches(device())
    assert not DeviceFilter(agent_version="1.2").matches(device())
    assert not DeviceFilter(flow_id="flow_1").matches(device())


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(DeviceFilter(flow_id="flow_1"), True, id="flow"),
        pytest.param(DeviceFilter(flow_id="flow_3"), False, id="another_flow"),
        pytest.param(DeviceFilter(flow_id="flow_1", version=2), True, id="version"),
        pytest.param(DeviceFilter(flow_id="flow_1", version=3), False, id="version_that_stands_by"),
        pytest.param(DeviceFilter(flow_id="flow_1", version=5), False, id="version_of_another_flow"),
        pytest.param(DeviceFilter(flow_id="flow_1", health=DeviceHealth.HEALTHY), True, id="health_of_the_flow"),
        pytest.param(DeviceFilter(flow_id="flow_1", health=DeviceHealth.STARTING), False, id="health_of_the_device"),
        pytest.param(DeviceFilter(health=DeviceHealth.STARTING), True, id="worst_live_health"),
        pytest.param(DeviceFilter(agent_version="1.2"), True, id="agent"),
        pytest.param(DeviceFilter(agent_version="1.20"), False, id="another_agent"),
        pytest.param(DeviceFilter(text="uMP"), True, id="text_in_any_case"),
        pytest.param(DeviceFilter(text="pump_8"), False, id="another_text"),
        pytest.param(DeviceFilter(text="pump", connected=Connection.NO), False, id="all_conditions_count"),
    ],
)
def test_a_device_is_found_by_what_is_live_on_it(wanted: DeviceFilter, *, found: bool) -> None:
    assert wanted.matches(TWO_FLOWS) is found


GLANCES = st.builds(
    DeviceGlance,
    connected=st.sampled_from(Connection),
    health=st.sampled_from(DeviceHealth),
    agent_version=st.none() | st.sampled_from(["1", "2"]),
    runs=st.lists(
        st.tuples(st.sampled_from(["flow_1", "flow_2"]), st.integers(1, 2), st.sampled_from(DeviceHealth)), max_size=3
    ).map(tuple),
)


@given(glances=st.lists(GLANCES), unreadable=st.integers(0, 3))
@pytest.mark.slow
def test_each_device_counts_once_in_each_respect(glances: list[DeviceGlance], unreadable: int) -> None:
    count = FleetCount()
    for each in glances:
        count.add(each)
    for _ in range(unreadable):
        count.add_unreadable()
    assert (count.total, count.unreadable) == (len(glances) + unreadable, unreadable)
    assert count.connected.total() == count.health.total() == len(glances)
    assert count.agent_versions.total() == sum(each.agent_version is not None for each in glances)
    assert count.flows.total() == sum(len(set(each.runs)) for each in glances)
