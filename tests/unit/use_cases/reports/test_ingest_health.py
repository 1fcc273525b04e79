"""What devices say arrives late, twice and out of order; the newest word stays."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import boto3
import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.keys import device_key, device_partition, report_key
from edgeflow.adapters.reports.reports_queue import SqsReportsQueue
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.table import Table
from edgeflow.contract.report import HealthReport
from edgeflow.domain.clock import timestamp
from edgeflow.domain.devices import Device, Presence
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.reports.fail_late import FailLate
from edgeflow.use_cases.reports.ingest_health import IngestHealth
from edgeflow.use_cases.reports.ingest_presence import IngestPresence
from edgeflow.use_cases.reports.watch_absence import WatchAbsence

NOON = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1_000)


@pytest.fixture
def devices(table: Table) -> DeviceStore:
    """The store, with one registered device."""
    store = DeviceStore(table)
    _register(store, "dev_001")
    return store


def ingest_health(devices: DeviceStore, table: Table) -> IngestHealth:
    """Make the operation, beside deployments and targets that are not there."""
    fail_late = FailLate(DeploymentStore(table), TargetStore(table), InstallStore(table), lambda: NOON)
    return IngestHealth(devices, fail_late)


def ingest_presence(devices: DeviceStore, table: Table) -> IngestPresence:
    """Make the operation, for devices that no deployment holds."""
    fail_late = FailLate(DeploymentStore(table), TargetStore(table), InstallStore(table), lambda: NOON)
    absences = SqsReportsQueue(boto3.client("sqs"), queue_url="nothing is sent")
    return IngestPresence(devices, WatchAbsence(devices, absences, fail_late, lambda: NOON, timedelta(minutes=5)))


def _register(store: DeviceStore, device_id: str) -> None:
    store.begin(device_id, attempt="1", at=timestamp(NOON), dead_before=timestamp(NOON), by="operator")
    store.finish(device_id, "arn:aws:iot:us-east-1:000000000000:cert/1", attempt="1")


def _report(sequence: int) -> HealthReport:
    return HealthReport(sent_at=NOON, sequence=sequence, agent_version=f"0.{sequence}")


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
def test_the_newest_report_stays_whatever_the_order(devices: DeviceStore, table: Table, order: tuple[int, ...]) -> None:
    ingest = ingest_health(devices, table)
    for sequence in (*order, *order):
        ingest("dev_001", _report(sequence), received_at=NOON + timedelta(seconds=sequence))
    device = devices.get("dev_001")
    assert device.report == _report(3)
    assert device.last_seen == "2026-02-21T12:00:03.000Z"


def test_a_repeat_changes_nothing(devices: DeviceStore, table: Table) -> None:
    ingest = ingest_health(devices, table)
    assert ingest("dev_001", _report(1), received_at=NOON)
    assert not ingest("dev_001", _report(1), received_at=NOON + timedelta(minutes=1))
    assert devices.get("dev_001").last_seen == "2026-02-21T12:00:00.000Z"


@pytest.mark.parametrize("write", [1, 2])
def test_a_report_whose_function_died_is_shown_when_it_comes_again(
    devices: DeviceStore, table: Table, monkeypatch: pytest.MonkeyPatch, write: int
) -> None:
    ingest = ingest_health(devices, table)
    with monkeypatch.context() as patched:
        patched.setattr(Table, "update" if write == 1 else "transact", _die)
        with pytest.raises(SystemExit):
            ingest("dev_001", _report(1), received_at=NOON)
    ingest("dev_001", _report(1), received_at=NOON)
    assert _shown(table) == "0.1"


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
def test_what_is_shown_is_of_the_newest_report_whatever_the_order(
    devices: DeviceStore, table: Table, order: tuple[int, ...]
) -> None:
    for sequence in order:
        ingest_health(devices, table)("dev_001", _report(sequence), received_at=NOON + timedelta(seconds=sequence))
    assert _shown(table) == "0.3"


def test_a_report_without_news_is_one_write_of_an_item_that_no_index_has(devices: DeviceStore, table: Table) -> None:
    ingest = ingest_health(devices, table)
    ingest("dev_001", _report(1), received_at=NOON)
    before, requests = table.get(device_key("dev_001")), list[str]()
    table._client.meta.events.register(  # noqa: SLF001  what it is asked for is what costs
        "before-call.dynamodb", lambda model, **_: requests.append(model.name)
    )
    again = _report(1).model_copy(update={"sequence": 2})
    assert ingest("dev_001", again, received_at=NOON + timedelta(minutes=15))
    assert requests == ["UpdateItem"]
    assert table.get(device_key("dev_001")) == before
    assert not {"gsi1pk", "gsi1sk", "lsi1sk"} & set(table.get(report_key("dev_001")) or {})


def test_a_device_that_was_removed_is_heard_no_more(devices: DeviceStore, table: Table) -> None:
    ingest = ingest_health(devices, table)
    assert ingest("dev_001", _report(1), received_at=NOON)
    devices.begin_removal("dev_001")
    assert not ingest("dev_001", _report(2), received_at=NOON)
    devices.delete("dev_001")
    assert list(table.query_all(device_partition("dev_001"))) == []


def _die(*_: object, **__: object) -> None:
    raise SystemExit


def _shown(table: Table) -> str:
    item = table.get(device_key("dev_001"))
    assert item is not None
    return str(item["fleet"]["agent"])


def test_unknown_devices_are_ignored(devices: DeviceStore, table: Table) -> None:
    assert not ingest_health(devices, table)("stranger", _report(1), received_at=NOON)
    presence = Presence(device_id="stranger", connected=True, connection=0, at_ms=NOON_MS)
    assert not ingest_presence(devices, table)(presence)
    assert devices.find("stranger") is None


def test_a_device_that_is_only_half_registered_says_nothing(devices: DeviceStore, table: Table) -> None:
    devices.begin("dev_002", attempt="1", at=timestamp(NOON), dead_before=timestamp(NOON), by="operator")
    assert not ingest_health(devices, table)("dev_002", _report(1), received_at=NOON)


def _event(*, connected: bool, connection: int, after_ms: int) -> Presence:
    return Presence(device_id="dev_001", connected=connected, connection=connection, at_ms=NOON_MS + after_ms)


# Each story in the order it happened; the device's last word is its end.
STORIES = {
    "connected": [_event(connected=True, connection=1, after_ms=0)],
    "left": [_event(connected=True, connection=1, after_ms=0), _event(connected=False, connection=1, after_ms=0)],
    "came back": [
        _event(connected=True, connection=1, after_ms=0),
        _event(connected=False, connection=1, after_ms=500),
        _event(connected=True, connection=2, after_ms=700),
    ],
    "the old connection is noticed to be dead after the new one began": [
        _event(connected=True, connection=1, after_ms=0),
        _event(connected=False, connection=1, after_ms=900),
        _event(connected=True, connection=2, after_ms=800),
    ],
    "connections are not numbered": [
        _event(connected=True, connection=0, after_ms=0),
        _event(connected=False, connection=0, after_ms=500),
        _event(connected=True, connection=0, after_ms=900),
    ],
}


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.slow
def test_the_last_word_on_a_connection_stays_whatever_the_order(table: Table, name: str) -> None:
    story = STORIES[name]
    store = DeviceStore(table)
    for number, order in enumerate(permutations(story)):
        device_id = f"dev_{number}"
        _register(store, device_id)
        for event in (*order, *order):
            told = Presence(
                device_id=device_id, connected=event.connected, connection=event.connection, at_ms=event.at_ms
            )
            ingest_presence(store, table)(told)
        assert store.get(device_id).connected is story[-1].connected, order


def test_connections_numbered_anew_after_a_long_silence_count(devices: DeviceStore, table: Table) -> None:
    ingest = ingest_presence(devices, table)
    ingest(_event(connected=False, connection=40, after_ms=0))
    assert ingest(_event(connected=True, connection=0, after_ms=3_700_000))
    assert devices.get("dev_001").connected is True


@pytest.mark.slow
def test_the_newest_reports_of_many_devices_are_read_at_once(devices: DeviceStore, table: Table) -> None:
    names = [f"many_{number:03d}" for number in range(120)]  # more than DynamoDB gives in one call
    for name in names:
        _register(devices, name)
    ingest_health(devices, table)("many_119", _report(3), received_at=NOON)
    devices.begin("not_yet", attempt="1", at=timestamp(NOON), dead_before="", by="operator")
    table.update(report_key("many_001"), "SET report = :damaged", values={":damaged": "{"})
    found = devices.many([*names, "not_yet", "unknown"])
    assert set(found) == set(names)
    heard, said_nothing = found["many_119"], found["many_000"]
    assert isinstance(heard, Device)
    assert isinstance(said_nothing, Device)
    assert (heard.report, heard.reported_at) == (_report(3), NOON)
    assert (said_nothing.report, said_nothing.reported_at) == (None, None)
    assert isinstance(found["many_001"], Unreadable)
