"""moto's DynamoDB, which is spared some work in the tests, does what it does by itself."""

from contextlib import nullcontext
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from tests.support.aws import REGION, TABLE_NAME, create_table
from tests.support.dynamodb import little_is_copied, values_are_written_at_once

HELD: dict[str, Any] = {"S": "s", "N": "1", "BOOL": True, "NULL": True, "B": b"b", "SS": ["a"], "L": [{"S": "l"}]}
EACH: dict[str, Any] = {kind: {kind: value} for kind, value in HELD.items()}
NESTED = {"M": {"deep": {"M": EACH}, "list": {"L": list(EACH.values())}, "empty": {"M": {}}, "none": {"L": []}}}


def _item(name: str, **attributes: Any) -> dict[str, Any]:  # noqa: ANN401  any attribute
    return {"pk": {"S": name}, "sk": {"S": "x"}, **attributes}


def _action(kind: str, name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  any part of an action
    key = {"Item": _item(name, m=EACH["S"])} if kind == "Put" else {"Key": _item(name)}
    return {kind: {"TableName": TABLE_NAME, **key, **more}}


CHANGE = {
    "UpdateExpression": "SET m.deep.#s = :s, n = :s ADD tags :tags",
    "ExpressionAttributeNames": {"#s": "S"},
    "ExpressionAttributeValues": {":s": {"S": "changed"}, ":tags": {"SS": ["b"]}},
}


def _run(last: dict[str, Any]) -> tuple[str, list[Any], list[Any]]:
    """Return what became of a transaction that ends with an action: its fault, the items, and what the stream tells."""
    client: Any = boto3.client("dynamodb", region_name=REGION)
    create_table(client)
    for name in ("updated", "deleted", "replaced", "untouched"):
        client.put_item(TableName=TABLE_NAME, Item=_item(name, m=NESTED, tags=EACH["SS"], **EACH))
    actions = [_action("Update", "updated", **CHANGE), _action("Delete", "deleted"), _action("Put", "replaced")]
    fault = ""
    try:
        client.transact_write_items(TransactItems=[*actions, _action("Put", "new"), last])
    except client.exceptions.TransactionCanceledException as error:
        fault = str(error)
    client.put_item(TableName=TABLE_NAME, Item=_item("later"))
    shard = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[TABLE_NAME].stream_shard
    assert shard is not None
    changes = [(each.record["eventName"], each.record["dynamodb"]["Keys"]) for each in shard.items]
    return fault, client.scan(TableName=TABLE_NAME)["Items"], changes


@pytest.mark.parametrize(
    "last",
    [
        _action("Put", "other"),
        _action("ConditionCheck", "untouched", ConditionExpression="attribute_not_exists(pk)"),
        _action("Update", "untouched", **CHANGE, ConditionExpression="attribute_not_exists(pk)"),
    ],
)
def test_a_transaction_does_all_or_nothing_as_with_moto_alone(last: dict[str, Any]) -> None:
    outcomes = []
    for copying, writing in ((nullcontext(), nullcontext()), (little_is_copied(), values_are_written_at_once())):
        with mock_aws(), copying, writing:
            outcomes.append(_run(last))
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0][1]) == (5 if outcomes[0][0] else 6)
