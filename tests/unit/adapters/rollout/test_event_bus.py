"""What EventBridge takes of a batch: ten a call, those it leaves out again, and how far it came."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from edgeflow.adapters.rollout.event_bus import MAX_ENTRIES, TRIES, EventBridge
from edgeflow.contract.events import MAX_REASON_LENGTH, DeploymentStatusChanged
from edgeflow.domain.errors import Unavailable
from tests.unit.adapters.rollout.events import an_event

if TYPE_CHECKING:
    from types_boto3_events.client import EventBridgeClient

MAX_BYTES = 256 * 1_024  # EventBridge: entries of one PutEvents together
OF_TIME = 14  # what EventBridge counts for an entry's time


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
    return [an_event(sequence=str(number)) for number in range(count)]


def answer(stub: Stubber, *taken: bool) -> None:
    """Have the next call take, or leave out, its entries; it must have just as many."""
    entries: list[dict[str, Any]] = [
        {"EventId": "1"} if took else {"ErrorCode": "InternalFailure", "ErrorMessage": "later"} for took in taken
    ]
    told = {"FailedEntryCount": taken.count(False), "Entries": entries}
    stub.add_response("put_events", told, {"Entries": [ANY] * len(taken)})


def test_ten_a_call(client: "EventBridgeClient", stub: Stubber) -> None:
    for size in (10, 10, 3):
        answer(stub, *[True] * size)
    assert EventBridge(client, bus_name="default").publish(events(23)) == 23


def test_only_what_was_left_out_is_sent_again(client: "EventBridgeClient", stub: Stubber) -> None:
    answer(stub, True, False, True)
    answer(stub, True)
    assert EventBridge(client, bus_name="default").publish(events(3)) == 3


def test_nothing_behind_what_stays_out_is_told(client: "EventBridgeClient", stub: Stubber) -> None:
    answer(stub, *[True] * 10)
    answer(stub, True, False, *[True] * 8)
    for _ in range(TRIES - 1):
        answer(stub, False)
    assert EventBridge(client, bus_name="default").publish(events(25)) == 11


def test_throttling_leaves_what_was_published(client: "EventBridgeClient", stub: Stubber) -> None:
    answer(stub, *[True] * 10)
    stub.add_client_error("put_events", "ThrottlingException", http_status_code=400)
    assert EventBridge(client, bus_name="default").publish(events(12)) == 10


def test_when_the_first_stays_out_all_come_again(client: "EventBridgeClient", stub: Stubber) -> None:
    for _ in range(TRIES):
        answer(stub, False)
    with pytest.raises(Unavailable, match="left events out"):
        EventBridge(client, bus_name="default").publish(events(1))


def test_throttling_at_once_is_unavailable(client: "EventBridgeClient", stub: Stubber) -> None:
    stub.add_client_error("put_events", "ThrottlingException", http_status_code=400)
    with pytest.raises(Unavailable):
        EventBridge(client, bus_name="default").publish(events(1))


def test_the_largest_events_fit_into_a_call(client: "EventBridgeClient") -> None:
    sizes = []

    def measure(params: dict[str, Any], **_: object) -> None:
        texts = [
            text for entry in params["Entries"] for text in (entry["Detail"], entry["Source"], entry["DetailType"])
        ]
        texts += [resource for entry in params["Entries"] for resource in entry["Resources"]]
        sizes.append(sum(len(text.encode()) for text in texts) + OF_TIME * len(params["Entries"]))

    client.meta.events.register("provide-client-params.events.PutEvents", measure)
    worst = "\x01" * MAX_REASON_LENGTH  # six bytes each in JSON
    largest = [an_event(status_reason=worst, rollback_execution_arn="a" * 512, execution_arn="a" * 512)] * MAX_ENTRIES
    assert EventBridge(client, bus_name="default").publish(largest) == MAX_ENTRIES
    assert MAX_BYTES / 3 < sizes[0] < MAX_BYTES
