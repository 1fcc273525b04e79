"""Filters find exactly what a look at every device finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.adapters import pages
from edgeflow.adapters.devices import device_store
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.table import Table
from edgeflow.domain.fleet import Connection, DeviceFilter, DeviceHealth
from tests.unit.adapters.devices.fleets import AGENTS, FLOWS, SHARED, MadeUp, device_id, fleets, read_all, write_fleet

pytestmark = pytest.mark.slow

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
        found = read_all(DeviceStore(table), wanted, limit)
    assert found == [
        (device_id(number), not device.damaged)
        for number, device in enumerate(fleet)
        if _is_found(number, device, wanted)
    ]
