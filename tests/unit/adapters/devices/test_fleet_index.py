"""What the index of the fleet holds of a device, and what of it cannot be read."""

import pytest

from edgeflow.adapters.devices.fleet_index import FLEET, condition_of, fleet_of, read_glance, shows
from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.fleet import ANY_DEVICE, Connection, DeviceFilter, DeviceHealth
from tests.unit.adapters.devices.fleets import NOON


def report(*runs: tuple[str, int, Health, bool]) -> HealthReport:
    flows = tuple(
        FlowHealth(
            flow_id=flow, version=version, sha256="ab" * 32, slot=Slot.BLUE, live=live, health=health, since=NOON
        )
        for flow, version, health, live in runs
    )
    return HealthReport(sent_at=NOON, sequence=1, agent_version="1.0", flows=flows)


RUNS = report(
    ("flow_b", 2, Health.HEALTHY, True), ("flow_a", 1, Health.UNHEALTHY, True), ("flow_c", 9, Health.HEALTHY, False)
)


def test_a_glance_is_of_what_is_live() -> None:
    glance = read_glance({FLEET: fleet_of("Dev_001", RUNS), "connected": False})
    assert (glance.connected, glance.health, glance.agent_version) == (Connection.NO, DeviceHealth.UNHEALTHY, "1.0")
    assert glance.runs == (("flow_a", 1, DeviceHealth.UNHEALTHY), ("flow_b", 2, DeviceHealth.HEALTHY))


def test_before_its_first_report_nothing_is_known_of_a_device() -> None:
    for item in ({}, {FLEET: fleet_of("dev_001", None)}):
        glance = read_glance(item)
        assert (glance.connected, glance.health, glance.agent_version, glance.runs) == (
            Connection.UNKNOWN,
            DeviceHealth.UNKNOWN,
            None,
            (),
        )


def test_a_report_that_says_the_same_in_another_order_changes_nothing_in_the_index() -> None:
    turned = RUNS.model_copy(update={"flows": RUNS.flows[::-1], "sequence": 2})
    assert fleet_of("dev_001", turned) == fleet_of("dev_001", RUNS)


@pytest.mark.parametrize(
    "damage",
    ["text", {"health": "well", "runs": " "}, {"health": "healthy"}, {"health": "healthy", "runs": "flow_a@1"}],
)
def test_an_entry_that_is_damaged_cannot_be_read(damage: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_glance({FLEET: damage})


def test_a_filter_asks_for_nothing_where_any_device_will_do() -> None:
    assert condition_of(ANY_DEVICE).expression == ""
    found = condition_of(DeviceFilter(flow_id="flow_a", version=1, connected=Connection.UNKNOWN))
    assert found.expression.endswith("AND attribute_not_exists(#connected)")
    assert sorted(found.values.values()) == [" flow_a:healthy@1 ", " flow_a:starting@1 ", " flow_a:unhealthy@1 "]


def test_what_has_no_entry_is_shown_only_to_who_asks_for_nothing_inside_it() -> None:
    assert shows({}, DeviceFilter(connected=Connection.YES))
    assert not shows({}, DeviceFilter(health=DeviceHealth.HEALTHY))
    assert shows({FLEET: {}}, DeviceFilter(health=DeviceHealth.HEALTHY))
