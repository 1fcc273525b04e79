"""moto's DynamoDB, with the same answers for less work.

Before each action of a transaction moto copies the whole table with its stream, all of which a rollback might need; and
in each answer it looks for each of the ten kinds of value under a dozen names. Both took more time than the tests' own
code.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any, Final

import pytest
from moto.core.model import Shape
from moto.core.serialize import ResponseSerializer
from moto.dynamodb import models
from moto.dynamodb.models.dynamo_type import DDBType, DynamoType
from moto.dynamodb.models.table import Table

_HOLD_OTHERS: Final = frozenset({DDBType.MAP, DDBType.LIST, DDBType.STRING_SET, DDBType.NUMBER_SET, DDBType.BINARY_SET})
"""The types of values that are changed where they are; one of another type is replaced, and can be in two items."""


class _Transaction:
    """What one transaction is about to change, and the tables as they were before."""

    def __init__(self, actions: list[dict[str, Any]]) -> None:
        self._parts = [part for action in actions for part in action.values()]
        self._before: dict[str, Table] = {}

    def before(self, table: Table) -> Table:
        """Return a copy of a table, which shares with it what no action of the transaction is about."""
        if table.name not in self._before:
            self._before[table.name] = self._copied(table)
        return self._before[table.name]

    def _copied(self, table: Table) -> Table:
        copied = copy.copy(table)
        copied.items = copy.copy(table.items)
        if table.stream_shard is not None:
            copied.stream_shard = copy.copy(table.stream_shard)
            copied.stream_shard.table = copied
            copied.stream_shard.items = list(table.stream_shard.items)
        for part in self._parts:
            key = part.get("Key", part.get("Item", {}))
            if part["TableName"] == table.name and table.hash_key_attr in key:
                partition = DynamoType(key[table.hash_key_attr])
                if partition in table.items:
                    copied.items[partition] = copy.deepcopy(table.items[partition])
        return copied


_under_way: ContextVar[_Transaction | None] = ContextVar("_under_way", default=None)


def _deepcopy(value: Any) -> Any:  # noqa: ANN401  whatever moto copies
    transaction = _under_way.get()
    if transaction is not None and isinstance(value, Table):
        return transaction.before(value)
    return copy.deepcopy(value)


@contextmanager
def little_is_copied() -> Iterator[None]:
    """Let moto copy what a transaction may change, once, and what is in an item only where it can change there."""
    transact, deepcopy = models.DynamoDBBackend.transact_write_items, DynamoType.__deepcopy__

    def transact_write_items(self: models.DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        token = _under_way.set(_Transaction(transact_items))
        try:
            transact(self, transact_items)
        finally:
            _under_way.reset(token)

    def copied(self: DynamoType, memo: dict[int, Any]) -> DynamoType:
        return deepcopy(self, memo) if self.type in _HOLD_OTHERS else self

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models.DynamoDBBackend, "transact_write_items", transact_write_items)
        patch.setattr(models, "copy", SimpleNamespace(deepcopy=_deepcopy))
        patch.setattr(DynamoType, "__deepcopy__", copied)
        yield


@contextmanager
def values_are_written_at_once() -> Iterator[None]:
    """Let moto look for a kind of value in an item's attribute under its name alone."""
    look = ResponseSerializer.get_value

    def get_value(self: ResponseSerializer, value: Any, key: str, shape: Shape) -> Any:  # noqa: ANN401  any value
        if type(value) is dict and getattr(shape, "parent", shape).name == "AttributeValue":
            return value.get(key)
        return look(self, value, key, shape)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ResponseSerializer, "get_value", get_value)
        yield
