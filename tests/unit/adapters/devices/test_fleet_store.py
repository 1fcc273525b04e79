"""The fleet as a whole: every device at a glance, and the count that is kept."""

from edgeflow.adapters.devices.fleet_store import FleetStore
from edgeflow.adapters.keys import FLEET_COUNT_KEY, device_key
from edgeflow.adapters.table import Table
from edgeflow.domain.fleet import Connection, DeviceGlance
from edgeflow.domain.unreadable import Kind, Unreadable
from edgeflow.use_cases.devices.count_devices import CountDevices
from tests.support.clock import FixedClock
from tests.unit.adapters.devices.fleets import MadeUp, device_id, write_fleet


def test_each_device_is_seen_once_and_a_damaged_entry_as_such(table: Table) -> None:
    write_fleet(table, [MadeUp(connected=True), MadeUp(agent="1.0"), MadeUp()])
    table.update(device_key(device_id(1)), "SET fleet = :damage", values={":damage": "text"})
    glances = list(FleetStore(table).glances())
    assert [isinstance(each, DeviceGlance) and each.connected for each in glances] == [
        Connection.YES,
        False,
        Connection.UNKNOWN,
    ]
    damaged = glances[1]
    assert isinstance(damaged, Unreadable)
    assert (damaged.kind, damaged.id) == (Kind.DEVICE, device_id(1))


def test_a_count_reads_back_as_it_was_kept_and_a_damaged_one_is_none(table: Table, clock: FixedClock) -> None:
    store = FleetStore(table)
    assert store.kept_count() is None
    counted = CountDevices(store, clock)()
    assert store.kept_count() == counted
    pk, sk = FLEET_COUNT_KEY
    table.put({"pk": pk, "sk": sk, "count": "{}"})
    assert store.kept_count() is None
