"""One event for each change of a deployment's status, with the same id however often it comes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from edgeflow.adapters.deployment_items import write_deployment
from edgeflow.adapters.deployment_stream import status_changes
from edgeflow.adapters.event_bus import TRIES, EventBridge
from edgeflow.adapters.table import to_attributes
from edgeflow.contract.events import DeploymentStatusChanged
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Unavailable
from edgeflow.use_cases.notify_status import NotifyStatus
from tests.unit.adapters.builders import DEP, a_deployment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from types_boto3_events.client import EventBridgeClient


def image(status: DeploymentStatus, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  any field of a deployment
    return to_attributes(write_deployment(a_deployment(status=status, **changes)))


def record(
    before: DeploymentStatus | None,
    after: DeploymentStatus,
    sequence: str = "7",
    **changes: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Return a stream record of a deployment's change."""
    told = {
        "NewImage": image(after, **changes),
        "SequenceNumber": sequence,
        "ApproximateCreationDateTime": 1_771_675_200.0,
    }
    return {"dynamodb": told | ({"OldImage": image(before)} if before is not None else {})}


class Bus:
    """Keeps what is published."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.events: list[DeploymentStatusChanged] = []

    def publish(self, events: "Sequence[DeploymentStatusChanged]") -> None:
        """Keep these."""
        self.events += events


PENDING, RUNNING, FAILED = DeploymentStatus.PENDING, DeploymentStatus.RUNNING, DeploymentStatus.FAILED


def test_a_change_is_told_with_what_it_was_before() -> None:
    bus = Bus()
    records = [record(None, PENDING, "9"), record(PENDING, RUNNING, "10")]
    assert NotifyStatus(bus)(status_changes(records)) == 2
    new, started = bus.events
    assert (new.previous_status, new.status) == (None, "pending")
    assert (started.previous_status, started.status) == ("pending", "running")
    assert started.occurred_at == "2026-02-21T12:00:00.000Z"
    assert new.sequence < started.sequence


def test_what_changes_no_status_is_no_news() -> None:
    target = {"dynamodb": {"NewImage": to_attributes({"kind": "target", "status": "failed"}), "SequenceNumber": "1"}}
    removed = {"dynamodb": {"OldImage": image(RUNNING), "SequenceNumber": "2"}}
    assert status_changes([record(RUNNING, RUNNING, current_wave=2), target, removed]) == []


def test_a_record_that_comes_again_has_its_id_again() -> None:
    bus = Bus()
    for _ in range(2):
        NotifyStatus(bus)(status_changes([record(RUNNING, FAILED)]))
    first, again = bus.events
    assert first == again
    assert first.id.startswith(f"{DEP}:")


@pytest.fixture
def client(aws: None) -> "EventBridgeClient":
    """A client of EventBridge."""
    return boto3.client("events")


@pytest.fixture
def stub(client: "EventBridgeClient") -> Iterator[Stubber]:
    """AWS's answers, in the order a test gives them; all of them are asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def events(count: int) -> list[DeploymentStatusChanged]:
    bus = Bus()
    NotifyStatus(bus)(status_changes(record(RUNNING, FAILED, str(number)) for number in range(count)))
    return bus.events


def test_ten_a_call(client: "EventBridgeClient", stub: Stubber) -> None:
    for size in (10, 10, 3):
        entries = [{"EventId": str(number)} for number in range(size)]
        stub.add_response("put_events", {"FailedEntryCount": 0, "Entries": entries}, {"Entries": [ANY] * size})
    EventBridge(client, bus_name="default").publish(events(23))


def test_only_what_was_left_out_is_sent_again(client: "EventBridgeClient", stub: Stubber) -> None:
    partly = [{"EventId": "1"}, {"ErrorCode": "InternalFailure", "ErrorMessage": "later"}]
    stub.add_response("put_events", {"FailedEntryCount": 1, "Entries": partly}, {"Entries": [ANY, ANY]})
    stub.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "2"}]}, {"Entries": [ANY]})
    EventBridge(client, bus_name="default").publish(events(2))


def test_what_stays_out_comes_again_with_its_batch(client: "EventBridgeClient", stub: Stubber) -> None:
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
    for _ in range(TRIES):
        stub.add_response("put_events", refused, {"Entries": [ANY]})
    with pytest.raises(Unavailable, match="left out 1 events"):
        EventBridge(client, bus_name="default").publish(events(1))


def test_the_page_shows_an_event_as_it_is(root: Path) -> None:
    page = (root / "docs" / "events.md").read_text()
    example = json.loads(page.partition("```json\n")[2].partition("```")[0])
    assert set(example) == set(events(1)[0].model_dump(by_alias=True))
    assert DeploymentStatusChanged.model_validate(example).model_dump(by_alias=True) == example
