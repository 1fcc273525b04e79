"""Reading a device: what it says it runs, what was deployed to it, and what of that cannot be read."""

import pytest

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.keys import device_key, install_key
from edgeflow.adapters.table import Table
from edgeflow.contract.report import Health
from edgeflow.domain.devices import RunningFlow
from edgeflow.domain.errors import CannotBeRead, NotFound
from edgeflow.domain.unreadable import Kind, Unreadable
from edgeflow.use_cases.devices.read_devices import ReadDevices
from tests.unit.adapters.devices.fleets import MadeUp, Run, device_id, write_fleet

DEVICE = device_id(0)


def put_install(table: Table, flow_id: str, version: object) -> None:
    pk, sk = install_key(DEVICE, flow_id)
    table.put({"pk": pk, "sk": sk, "kind": "install", "version": version, "deployment_id": "dep_1"})


def test_what_was_deployed_and_what_is_reported_are_one_list_and_the_unreadable_come_last(table: Table) -> None:
    write_fleet(table, [MadeUp(agent="1.0", runs=(Run("flow_b", 2, Health.HEALTHY),))])
    put_install(table, "flow_a", "seven")
    put_install(table, "flow_b", 2)
    device, flows = ReadDevices(DeviceStore(table)).one(DEVICE)
    assert device.id == DEVICE
    running, damaged = flows
    assert isinstance(running, RunningFlow)
    assert (running.flow_id, running.version, running.deployment_id) == ("flow_b", 2, "dep_1")
    assert running.reported is not None
    assert isinstance(damaged, Unreadable)
    assert (damaged.kind, damaged.id, damaged.of) == (Kind.INSTALL, "flow_a", DEVICE)


def test_a_device_that_is_not_there_or_cannot_be_read_is_told_apart(table: Table) -> None:
    write_fleet(table, [MadeUp(connected=True)])
    read = ReadDevices(DeviceStore(table))
    with pytest.raises(NotFound):
        read.one("nobody")
    table.update(device_key(DEVICE), "SET attempt = :damage", values={":damage": 5})
    with pytest.raises(CannotBeRead):
        read.one(DEVICE)
    (listed,), after = read.page(limit=5)
    assert (listed.id, isinstance(listed, Unreadable), after) == (DEVICE, True, None)
