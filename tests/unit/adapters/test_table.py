"""The table: its refusals and troubles as values and domain errors."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from botocore.stub import Stubber

from edgeflow.adapters.expressions import change, one_of
from edgeflow.adapters.table import MAX_TRANSACTION_TRIES, ConditionFailed, Table
from edgeflow.domain.errors import Unavailable

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

KEY = ("DEP#a", "ITEM")
ITEM = {"pk": KEY[0], "sk": KEY[1], "status": "running", "tags": {"a", "b"}, "number": 3}


@pytest.fixture
def client(aws: None) -> "DynamoDBClient":
    """A client for stubs."""
    return boto3.client("dynamodb")


OPERATIONS: dict[str, Callable[[Table], object]] = {
    "get_item": lambda table: table.get(KEY),
    "batch_get_item": lambda table: table.get_many([KEY]),
    "put_item": lambda table: table.put(ITEM),
    "update_item": lambda table: table.update(KEY, "REMOVE a"),
    "delete_item": lambda table: table.delete(KEY),
    "query": lambda table: table.query(KEY[0]),
    "transact_write_items": lambda table: table.transact([table.put_action(ITEM, condition="attribute_exists(pk)")]),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError"]
)
def test_throttling_means_try_again(client: "DynamoDBClient", operation: str, code: str) -> None:
    with Stubber(client) as stub:
        stub.add_client_error(operation, code, http_status_code=400)
        with pytest.raises(Unavailable, match="DynamoDB"):
            OPERATIONS[operation](Table(client, "table"))


@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - {"update_item"}))
def test_a_request_that_is_wrong_is_a_fault_of_ours(client: "DynamoDBClient", operation: str) -> None:
    with Stubber(client) as stub:
        stub.add_client_error(operation, "ValidationException", http_status_code=400)
        with pytest.raises(ClientError, match="ValidationException"):
            OPERATIONS[operation](Table(client, "table"))


def test_a_service_that_does_not_answer_means_try_again(
    client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="https://dynamodb")

    monkeypatch.setattr(client, "get_item", fail)
    with pytest.raises(Unavailable):
        Table(client, "table").get(KEY)


def cancel(stub: Stubber, reason: str) -> None:
    stub.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": "None"}, {"Code": reason}]},
    )


def test_a_busy_transaction_means_try_again_and_a_wrong_one_is_ours(client: "DynamoDBClient") -> None:
    table = Table(client, "table")
    for reason, expected in [("ThrottlingError", Unavailable), ("ValidationError", ClientError)]:
        with Stubber(client) as stub:
            cancel(stub, reason)
            with pytest.raises(expected):
                table.transact([table.put_action(ITEM, condition="attribute_exists(pk)")])


def test_a_transaction_is_tried_again_while_another_write_is_in_the_way(client: "DynamoDBClient") -> None:
    table = Table(client, "table")
    with Stubber(client) as stub:
        cancel(stub, "TransactionConflict")
        cancel(stub, "TransactionConflict")
        stub.add_response("transact_write_items", {})
        table.transact([table.put_action(ITEM, condition="attribute_exists(pk)")])
        stub.assert_no_pending_responses()


def test_a_single_write_is_tried_again_while_a_transaction_is_in_the_way(client: "DynamoDBClient") -> None:
    table = Table(client, "table")
    with Stubber(client) as stub:
        stub.add_client_error("put_item", "TransactionConflictException")
        stub.add_response("put_item", {})
        table.put(ITEM)
        stub.assert_no_pending_responses()


def test_a_single_write_that_always_meets_transactions_is_unavailable(client: "DynamoDBClient") -> None:
    table = Table(client, "table")
    with Stubber(client) as stub:
        for _ in range(MAX_TRANSACTION_TRIES):
            stub.add_client_error("put_item", "TransactionConflictException")
        with pytest.raises(Unavailable):
            table.put(ITEM)
        stub.assert_no_pending_responses()


def test_a_transaction_that_always_meets_another_write_is_unavailable(client: "DynamoDBClient") -> None:
    table = Table(client, "table")
    with Stubber(client) as stub:
        for _ in range(MAX_TRANSACTION_TRIES):
            cancel(stub, "TransactionConflict")
        with pytest.raises(Unavailable, match="in the way"):
            table.transact([table.put_action(ITEM, condition="attribute_exists(pk)")])
        stub.assert_no_pending_responses()


def test_a_refused_transaction_tells_which_action_and_what_is_there(table: Table) -> None:
    table.put(ITEM)
    new = table.put_action({"pk": "DEP#b", "sk": "ITEM"}, condition="attribute_not_exists(pk)")
    taken = table.put_action({**ITEM, "status": "other"}, condition="attribute_not_exists(pk)")
    with pytest.raises(ConditionFailed) as refused:
        table.transact([new, taken])
    assert (refused.value.position, refused.value.item) == (1, ITEM)
    assert table.get(("DEP#b", "ITEM")) is None


def test_an_update_changes_adds_removes_and_deletes_in_one_write(table: Table) -> None:
    table.put(ITEM)
    update = change(
        put={"status": "paused", "gone": None},
        once={"number": 99, "first": "now"},
        add={"total": 2},
        drop=("never_there",),
        delete={"tags": {"a"}},
    )
    found = table.update(KEY, update.expression, names=update.names, values=update.values)
    assert found == {**ITEM, "status": "paused", "first": "now", "total": 2, "tags": {"b"}}


def test_one_of_names_each_candidate() -> None:
    assert one_of("status", {"b", "a"}) == ("#status IN (:status_0, :status_1)", {":status_0": "a", ":status_1": "b"})
