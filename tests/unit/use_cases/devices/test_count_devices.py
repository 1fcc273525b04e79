"""Counting the fleet: the count adds up, once for all who ask, and bounded."""

from collections import Counter
from typing import get_args

import pytest
from hypothesis import given

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.devices.fleet_store import FleetStore
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.keys import device_key
from edgeflow.adapters.table import Table
from edgeflow.contract.report import Health
from edgeflow.contract.rest import fleet as rest
from edgeflow.domain.fleet import Connection, DeviceFilter, DeviceHealth
from edgeflow.use_cases.devices import count_devices
from edgeflow.use_cases.devices.count_devices import KEPT, CountDevices
from tests.support.clock import FixedClock
from tests.unit.adapters.devices.fleets import AT, SHARED, MadeUp, Run, device_id, fleets, read_all, write_fleet

pytestmark = pytest.mark.slow


@SHARED
@given(fleet=fleets)
def test_the_count_adds_up(table: Table, clock: FixedClock, fleet: list[MadeUp]) -> None:
    write_fleet(table, fleet)
    count = CountDevices(FleetStore(table), clock)()
    known = [device for device in fleet if not device.old]
    agents = Counter(device.agent for device in known if device.agent is not None)
    live = Counter((run.flow_id, run.version, run.health.value) for device in known for run in set(device.live))
    assert (count.total, count.unreadable, count.complete) == (len(fleet), 0, True)
    assert {name: number for name, number in count.connected.items() if number} == Counter(
        {None: "unknown", True: "true", False: "false"}[device.connected] for device in fleet
    )
    assert {name: number for name, number in count.health.items() if number} == Counter(
        "unknown" if device.old else device.health for device in fleet
    )
    assert {each.agent_version: each.devices for each in count.agent_versions} == agents
    told = {(each.flow_id, each.version, health): n for each in count.flows for health, n in each.health.items() if n}
    assert told == live
    assert all(each.devices == sum(each.health.values()) for each in count.flows)
    assert (count.agent_versions_left_out, count.flows_left_out) == (0, 0)


def test_the_fleet_is_counted_once_for_all_who_ask_within_seconds(table: Table, clock: FixedClock) -> None:
    write_fleet(table, [MadeUp(connected=True)])
    count = CountDevices(FleetStore(table), clock)
    first = count()
    EnrolmentStore(table).announce("another", at=AT, by="operator")
    clock.advance(seconds=KEPT.total_seconds() - 1)
    assert count() == first
    clock.advance(seconds=1)
    assert (count().total, first.total) == (2, 1)


def test_a_count_that_was_kept_and_cannot_be_read_is_made_anew(table: Table, clock: FixedClock) -> None:
    write_fleet(table, [MadeUp()])
    count = CountDevices(FleetStore(table), clock)
    first = count()
    for damage in ("{}", 7, first.model_dump_json().replace("total", "sum")):
        table.put({"pk": "FLEET", "sk": "COUNT", "count": damage})
        assert count() == first


def test_no_more_devices_are_counted_than_a_request_can_bear(
    table: Table, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count_devices, "MAX_COUNTED", 2)
    for size, complete in ((2, True), (3, False)):
        write_fleet(table, [MadeUp(connected=True)] * size)
        count = CountDevices(FleetStore(table), clock)()
        assert (count.total, count.complete) == (2, complete)


def test_a_summary_lists_the_most_frequent_and_counts_the_rest(
    table: Table, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count_devices, "MAX_LISTED", 1)
    common, rare = (Run("flow_a", version, Health.HEALTHY) for version in (1, 2))
    write_fleet(
        table, [MadeUp(agent="1", runs=(common,)), MadeUp(agent="2", runs=(rare,)), MadeUp(agent="1", runs=(common,))]
    )
    count = CountDevices(FleetStore(table), clock)()
    assert [(each.agent_version, each.devices) for each in count.agent_versions] == [("1", 2)]
    assert [(each.version, each.devices) for each in count.flows] == [(1, 2)]
    assert (count.agent_versions_left_out, count.flows_left_out) == (1, 1)


def test_an_entry_that_cannot_be_read_is_counted_and_holds_up_no_other(table: Table, clock: FixedClock) -> None:
    write_fleet(table, [MadeUp(connected=True), MadeUp(agent="1")])
    for damage in ("text", {"health": "well"}, {"id": "x", "health": "healthy", "runs": "flow_a@1"}):
        table.update(device_key(device_id(0)), "SET fleet = :damage", values={":damage": damage})
        table.delete(("FLEET", "COUNT"))
        count = CountDevices(FleetStore(table), clock)()
        assert (count.total, count.unreadable, count.health["unknown"]) == (2, 1, 1)
        assert [name for name, _ in read_all(DeviceStore(table), DeviceFilter(health=DeviceHealth.UNKNOWN), 1)] == [
            device_id(1)
        ]


def test_what_can_be_asked_for_is_what_there_is() -> None:
    assert set(get_args(rest.ConnectedName)) == set(Connection)
    assert set(get_args(rest.HealthName)) == set(DeviceHealth)
