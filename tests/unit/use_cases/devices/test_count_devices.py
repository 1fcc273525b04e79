"""Asking about the whole fleet: filters find exactly what a look at every device finds, and the count adds up."""

from collections import Counter
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeflow.adapters import pages
from edgeflow.adapters.devices import device_store
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.devices.fleet_store import FleetStore
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.keys import device_key
from edgeflow.adapters.table import Table
from edgeflow.contract.report import Health
from edgeflow.contract.rest import fleet as rest
from edgeflow.domain.fleet import Connection, DeviceFilter, DeviceHealth
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.devices import count_devices
from edgeflow.use_cases.devices.count_devices import KEPT, CountDevices
from tests.support.clock import FixedClock
from tests.unit.adapters.devices.fleets import AGENTS, AT, FLOWS, MadeUp, Run, device_id, fleets, write_fleet

pytestmark = pytest.mark.slow

SHARED = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])

FILTERS = st.builds(
    DeviceFilter,
    connected=st.none() | st.sampled_from(Connection),
    health=st.none() | st.sampled_from(DeviceHealth),
    flow_id=st.none() | st.sampled_from(FLOWS),
    version=st.none() | st.sampled_from([1, 2, 11]),
    agent_version=st.none() | st.sampled_from(AGENTS),
    text=st.none() | st.sampled_from(["pump", "VALVE", "0", "3_", "none"]),
).map(
    lambda wanted: (
        wanted
        if wanted.flow_id
        else DeviceFilter(
            connected=wanted.connected, health=wanted.health, agent_version=wanted.agent_version, text=wanted.text
        )
    )
)


def _is_wanted(number: int, device: MadeUp, wanted: DeviceFilter) -> bool:
    """Tell it of a device in few words, in other words than the filter's own."""
    if (
        wanted.connected is not None
        and {None: "unknown", True: "true", False: "false"}[device.connected] != wanted.connected
    ):
        return False
    if wanted.text is not None and wanted.text.lower() not in device_id(number).lower():
        return False
    if wanted.agent_version is not None and device.agent != wanted.agent_version:
        return False
    if wanted.flow_id is None:
        return wanted.health is None or device.health == wanted.health
    return any(
        run.flow_id == wanted.flow_id
        and wanted.version in {None, run.version}
        and wanted.health in {None, str(run.health)}
        for run in device.live
    )


def _is_found(number: int, device: MadeUp, wanted: DeviceFilter) -> bool:
    """A record that cannot be read is found where that part of it can be: the index has it, or it is no part of it."""
    looks_inside = wanted != DeviceFilter(connected=wanted.connected)
    hidden = device.damaged and device.old and looks_inside
    return _is_wanted(number, device, wanted) and not hidden


def _read(store: DeviceStore, wanted: DeviceFilter, limit: int) -> list[tuple[str, bool]]:
    """Read a list to its end: ids, and whether they can be read."""
    found: list[tuple[str, bool]] = []
    after: str | None = None
    for _ in range(60):
        page, after = store.page(limit=limit, after=after, wanted=wanted)
        assert len(page) <= limit
        found += [(each.id, not isinstance(each, Unreadable)) for each in page]
        if after is None:
            return found
    pytest.fail("the list does not end")


@pytest.mark.parametrize("looked_at", [1, 3, 1_000])
@SHARED
@given(fleet=fleets, wanted=FILTERS, limit=st.integers(1, 4))
def test_a_filter_finds_what_a_look_at_every_device_finds(
    table: Table, looked_at: int, fleet: list[MadeUp], wanted: DeviceFilter, limit: int
) -> None:
    write_fleet(table, fleet)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device_store, "LOOKED_AT_A_QUERY", looked_at)
        patch.setattr(pages, "MAX_QUERIES", 2)
        found = _read(DeviceStore(table), wanted, limit)
    assert found == [
        (device_id(number), not device.damaged)
        for number, device in enumerate(fleet)
        if _is_found(number, device, wanted)
    ]


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
        assert [name for name, _ in _read(DeviceStore(table), DeviceFilter(health=DeviceHealth.UNKNOWN), 1)] == [
            device_id(1)
        ]


def test_what_can_be_asked_for_is_what_there_is() -> None:
    assert set(get_args(rest.ConnectedName)) == set(Connection)
    assert set(get_args(rest.HealthName)) == set(DeviceHealth)
