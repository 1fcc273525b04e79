"""Counts what requests to DynamoDB cost: units by the sizes of items, in the table and in each index that holds them.

AWS charges a write by the larger of the item before and after, in steps of 1 KB, and each index likewise, but only
where what the index holds changed; a transaction costs double. Reads are charged in steps of 4 KB.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3

from benchmarks.cost.prices import Item

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

WRITE_BYTES: Final = 1_024
READ_BYTES: Final = 4_096
_KEY: Final = ("pk", "sk")

Attributes = Mapping[str, Any]
"""An item in the wire form of DynamoDB."""


class Meter:
    """Counts what the clients of this process ask of one table."""

    def __init__(self, table: str) -> None:
        """Look the table's indexes up."""
        self._table = table
        self._look: DynamoDBClient = boto3.client("dynamodb")
        described: Any = self._look.describe_table(TableName=table)["Table"]
        self._indexes = [*described["GlobalSecondaryIndexes"], *described["LocalSecondaryIndexes"]]
        self.counted: Counter[Item] = Counter()
        self.requests: Counter[str] = Counter()

    @contextmanager
    def on(self, client: "DynamoDBClient") -> Iterator[None]:
        """Count what this client asks for."""
        held: list[tuple[Attributes, Attributes | None, int]] = []

        def before(params: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401  botocore's own
            self.requests[model.name] += 1
            held[:] = [(key, self._item(key), times) for key, times in _written(model.name, params)]

        def after(parsed: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401  botocore's own
            for key, was, times in held:
                self.counted[Item.WRITES] += times * self._units(was, self._item(key))
            self.counted[Item.READS] += _read(model.name, parsed, self._table)

        client.meta.events.register("provide-client-params.dynamodb", before)
        client.meta.events.register("after-call.dynamodb", after)
        try:
            yield
        finally:
            client.meta.events.unregister("provide-client-params.dynamodb", before)
            client.meta.events.unregister("after-call.dynamodb", after)

    def _item(self, key: Attributes) -> Attributes | None:
        return self._look.get_item(TableName=self._table, Key=dict(key), ConsistentRead=True).get("Item")

    def _units(self, was: Attributes | None, now: Attributes | None) -> int:
        """Return what a write from one to the other costs, refused ones too."""
        units = _steps(max(_size(was), _size(now)), WRITE_BYTES)
        for index in self._indexes:
            then, here = _projected(was, index), _projected(now, index)
            if then == here:
                continue
            moved = bool(then and here) and [then.get(k) for k in _keys(index)] != [here.get(k) for k in _keys(index)]
            units += _steps(max(_size(then), _size(here)), WRITE_BYTES) * (2 if moved else 1)
        return units


def _written(name: str, params: Mapping[str, Any]) -> list[tuple[Attributes, int]]:
    match name:
        case "PutItem":
            return [({key: params["Item"][key] for key in _KEY}, 1)]
        case "UpdateItem" | "DeleteItem":
            return [(params["Key"], 1)]
        case "TransactWriteItems":
            actions = [action for entry in params["TransactItems"] for action in entry.values()]
            return [(action.get("Key") or {key: action["Item"][key] for key in _KEY}, 2) for action in actions]
        case _:
            return []


def _read(name: str, answer: Mapping[str, Any], table: str) -> int:
    """Return the units of a consistent read; what is asked for and is not there costs one."""
    match name:
        case "GetItem":
            return _steps(_size(answer.get("Item")), READ_BYTES)
        case "BatchGetItem":
            found = answer.get("Responses", {}).get(table, [])
            return sum(_steps(_size(item), READ_BYTES) for item in found) or 1
        case "Query":
            return _steps(sum(map(_size, answer.get("Items", []))), READ_BYTES)
        case _:
            return 0


def _keys(index: Mapping[str, Any]) -> list[str]:
    return [part["AttributeName"] for part in index["KeySchema"]]


def _projected(item: Attributes | None, index: Mapping[str, Any]) -> Attributes:
    if item is None or not all(key in item for key in _keys(index)):
        return {}
    projection = index["Projection"]
    if projection["ProjectionType"] == "ALL":
        return item
    held = {*_KEY, *_keys(index), *projection.get("NonKeyAttributes", [])}
    return {name: value for name, value in item.items() if name in held}


def _steps(size: int, step: int) -> int:
    return max(1, math.ceil(size / step))


def _size(item: Attributes | None) -> int:
    return sum(len(name.encode()) + _length(value) for name, value in (item or {}).items())


def _length(value: Mapping[str, Any]) -> int:  # noqa: PLR0911  one for each type
    """Return the bytes of a value, as AWS documents how it measures them."""
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return math.ceil(len(held.lstrip("-")) / 2) + 1
        case "B":
            return len(held)
        case "SS":
            return sum(len(each.encode()) for each in held)
        case "M":
            return 3 + sum(len(name.encode()) + _length(each) + 1 for name, each in held.items())
        case "L":
            return 3 + sum(_length(each) + 1 for each in held)
        case _:
            return 1
