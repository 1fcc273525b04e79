"""Fleets made up for tests of what is asked about all devices: each in few words, and as records in the table."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.devices.fleet_index import FLEET
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.keys import device_key, report_key
from edgeflow.adapters.table import Table
from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.devices import Presence
from edgeflow.domain.fleet import DeviceFilter
from edgeflow.domain.order import Said
from edgeflow.domain.unreadable import Unreadable

AT = "2026-02-21T12:00:00.000Z"
NOON = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
FLOWS = ("flow_a", "flow_ab", "flow_b")
"""One of them begins like another."""
SHARED = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""For examples that share one table."""
AGENTS = ("1.0", "1.0.1", "unknown")


@dataclass(frozen=True)
class Run:
    """A version of a flow on a device."""

    flow_id: str
    version: int
    health: Health
    live: bool = True


@dataclass(frozen=True)
class MadeUp:
    """A device in few words. ``agent`` None: it has not reported yet, and runs nothing that anybody knows of."""

    connected: bool | None = None
    agent: str | None = None
    runs: tuple[Run, ...] = field(default=())
    old: bool = False
    """Whether its record was written before there was an index of the fleet."""
    damaged: bool = False
    """Whether its report cannot be read."""

    @property
    def live(self) -> tuple[Run, ...]:
        """What it runs, without versions that stand by."""
        return tuple(run for run in self.runs if run.live) if self.agent is not None else ()

    @property
    def health(self) -> str:
        """How it is."""
        told = {run.health for run in self.live}
        return next((health for health in ("unhealthy", "starting", "healthy") if health in told), "unknown")


runs = st.builds(
    Run,
    st.sampled_from(FLOWS),
    st.sampled_from([1, 2, 11]),
    st.sampled_from(Health),
    live=st.sampled_from([True, True, False]),
)
devices = st.builds(
    MadeUp,
    connected=st.sampled_from([None, True, False]),
    agent=st.none() | st.sampled_from(AGENTS),
    runs=st.lists(runs, max_size=3, unique_by=lambda run: (run.flow_id, run.live)).map(tuple),
    old=st.sampled_from([False, False, True]),
    damaged=st.sampled_from([False, False, False, True]),
)
fleets = st.lists(devices, max_size=10)


def device_id(number: int) -> str:
    """Return the id of a device by its place in the fleet; ids are in this order."""
    return f"{number:02d}_{'Pump' if number % 2 else 'valve'}"


def write_fleet(table: Table, fleet: list[MadeUp]) -> None:
    """Write the records of a fleet, and nothing else."""
    for item in [item for number in range(10) for item in table.query_all(f"DEVICE#{device_id(number)}")]:
        table.delete((item["pk"], item["sk"]))
    table.delete(("FLEET", "COUNT"))
    for number, device in enumerate(fleet):
        _write(table, device_id(number), device)


def _write(table: Table, name: str, device: MadeUp) -> None:
    store = DeviceStore(table)
    if device.agent is None and device.connected is None:
        EnrolmentStore(table).announce(name, at=AT, by="operator")
    else:
        store.begin(name, attempt="first", at=AT, dead_before="", by="operator")
        store.finish(name, "arn:aws:iot:us-east-1:123456789012:cert/ab", attempt="first")
    if device.agent is not None:
        report = HealthReport(sent_at=NOON, sequence=1, agent_version=device.agent, flows=_flows(device))
        assert store.record_report(name, report, Said(epoch=None, sequence=1, received_ms=1), received_at=AT)
    if device.connected is not None:
        assert store.record_presence(Presence(device_id=name, connected=device.connected, connection=1, at_ms=1), at=AT)
    item = table.get(device_key(name))
    assert item
    if device.old:
        item.pop(FLEET)
    table.put(item)
    if device.damaged:
        pk, sk = report_key(name)
        table.put((table.get((pk, sk)) or {"pk": pk, "sk": sk}) | {"report": "no report"})


def _flows(device: MadeUp) -> tuple[FlowHealth, ...]:
    return tuple(
        FlowHealth(
            flow_id=run.flow_id,
            version=run.version,
            sha256="ab" * 32,
            slot=Slot.BLUE,
            live=run.live,
            health=run.health,
            since=NOON,
        )
        for run in device.runs
    )


def read_all(store: DeviceStore, wanted: DeviceFilter, limit: int) -> list[tuple[str, bool]]:
    """Read a filtered list to its end: ids, and whether they can be read."""
    found: list[tuple[str, bool]] = []
    after: str | None = None
    for _ in range(60):
        page, after = store.page(limit=limit, after=after, wanted=wanted)
        assert len(page) <= limit
        found += [(each.id, not isinstance(each, Unreadable)) for each in page]
        if after is None:
            return found
    pytest.fail("the list does not end")
