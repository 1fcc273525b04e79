"""The newest report of each device: kept by its order, shown in the index, and only of who is registered."""

from typing import Any

from edgeflow.adapters.devices.fleet_index import FLEET, fleet_of
from edgeflow.adapters.devices.newest_reports import begin_reports, end_reports, record_report
from edgeflow.adapters.keys import device_key, report_key
from edgeflow.adapters.table import Table
from edgeflow.contract.report import HealthReport
from edgeflow.domain.order import Said
from tests.unit.adapters.builders import AT
from tests.unit.adapters.devices.fleets import NOON

DEVICE = "dev_001"


def report(sequence: int, agent_version: str = "1.0") -> HealthReport:
    return HealthReport(sent_at=NOON, sequence=sequence, agent_version=agent_version, flows=())


def take(table: Table, of: HealthReport) -> bool:
    said = Said(epoch=None, sequence=of.sequence, received_ms=of.sequence)
    return record_report(table, DEVICE, of, said, received_at=AT)


def begun(table: Table) -> None:
    pk, sk = device_key(DEVICE)
    table.put({"pk": pk, "sk": sk, "state": "registered"})
    begin_reports(table, DEVICE)


def shown(table: Table) -> Any:  # noqa: ANN401  whatever the index holds
    item = table.get(device_key(DEVICE))
    assert item is not None
    return item.get(FLEET)


def test_the_newest_counts_and_is_shown(table: Table) -> None:
    begun(table)
    assert take(table, report(2, "2.0"))
    assert not take(table, report(1, "1.0")), "it is late"
    assert not take(table, report(2, "2.0")), "it came twice"
    assert shown(table) == fleet_of(DEVICE, report(2, "2.0"))
    assert take(table, report(3, "3.0"))
    assert shown(table) == fleet_of(DEVICE, report(3, "3.0"))


def test_one_that_died_before_it_was_shown_is_shown_when_it_comes_again(table: Table) -> None:
    begun(table)
    take(table, report(1))
    table.update(device_key(DEVICE), "REMOVE fleet")
    table.update(report_key(DEVICE), "REMOVE shown")
    assert not take(table, report(1))
    assert shown(table) == fleet_of(DEVICE, report(1))


def test_who_is_not_registered_leaves_no_report(table: Table) -> None:
    assert not take(table, report(1))
    assert table.get(report_key(DEVICE)) is None
    begun(table)
    begin_reports(table, DEVICE)
    assert take(table, report(1))
    for _ in range(2):
        end_reports(table, DEVICE)
    assert not take(table, report(2))
    assert table.get(report_key(DEVICE)) is None
