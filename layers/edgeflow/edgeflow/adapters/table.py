"""The one DynamoDB table, as plain Python values: no type descriptors leave this module.

Whole numbers come back as ``int``, string sets as ``set[str]``, bytes as ``bytes``. The table holds no other numbers of
ours; any that there are come back as ``Decimal``, which no reader takes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from edgeflow.adapters.aws_errors import error_code, unavailable
from edgeflow.adapters.keys import Key, record_of
from edgeflow.adapters.readable import set_aside
from edgeflow.domain.errors import CannotBeRead, Unavailable
from edgeflow.domain.unreadable import Unreadable

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

BY_LIST = "by_list"
BY_WAVE = "by_wave"
BY_FLEET = "by_fleet"
BY_UNFINISHED = "by_unfinished"
BY_DEVICE = "by_device"

MAX_BATCH_GET = 100  # DynamoDB: BatchGetItem
MAX_TRANSACTION_TRIES = 16
"""Of transactions and single writes that meet on an item, as counters do; each takes some milliseconds."""

_LIST_KEYS = ("gsi1pk", "gsi1sk")
_KEYS_OF = {
    None: ("pk", "sk"),
    BY_LIST: _LIST_KEYS,
    BY_FLEET: _LIST_KEYS,
    BY_UNFINISHED: ("unfinished", "pk"),
    BY_DEVICE: ("gsi2pk", "gsi2sk"),
    BY_WAVE: ("pk", "lsi1sk"),
}
_GLOBAL = frozenset({BY_LIST, BY_FLEET, BY_UNFINISHED, BY_DEVICE})
_SERVICE = "DynamoDB"
_IN_THE_WAY = "TransactionConflict"
_BUSY_REASONS = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded"})
_MOST = 10**38
"""DynamoDB keeps 38 digits; longer whole numbers end in zeros, and none is ours."""
_serializer = TypeSerializer()
_deserializer = TypeDeserializer()

Item = dict[str, Any]


class ConditionFailed(Exception):
    """A conditional write was refused; ``item`` is what the table holds (empty when there is none).

    Of a transaction, ``position`` is the place of the first action refused, counted from 0.
    """

    def __init__(self, item: Item, position: int = 0) -> None:
        """Keep the item as it stands."""
        super().__init__("the condition of a write does not hold")
        self.item = item
        self.position = position


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query; ``last_key`` continues it, and is None at the end."""

    items: list[Item]
    last_key: dict[str, str] | None


def _plain(value: Any) -> Any:  # noqa: ANN401  a DynamoDB value can be anything
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and abs(value) < _MOST and value == value.to_integral_value() else value
    if isinstance(value, Binary):
        return bytes(cast("Any", value).value)
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return value


def from_attributes(attributes: Mapping[str, Any]) -> Item:
    """Read an item of the DynamoDB wire form, as clients and stream records give it."""
    return {key: _plain(_deserializer.deserialize(value)) for key, value in attributes.items()}


def to_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """Write an item in the DynamoDB wire form; None values are left out."""
    return {key: _serializer.serialize(value) for key, value in item.items() if value is not None}


class Table:
    """Reads and writes of the table. Safe to use from several threads, as the client is."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Use this client for the table of this name."""
        self._client = client
        self.name = name

    def get(self, key: Key, *, consistent: bool = True) -> Item | None:
        """Return one item, or None."""
        with unavailable(_SERVICE):
            answer = self._client.get_item(TableName=self.name, Key=_key(key), ConsistentRead=consistent)
        attributes = answer.get("Item")
        return from_attributes(attributes) if attributes else None

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """Return those of the items that exist, read consistently, 100 a call.

        Raises:
            Unavailable: DynamoDB left keys unanswered in every try.
        """
        found: dict[Key, Item] = {}
        pending = [_key(key) for key in dict.fromkeys(keys)]
        tries = 0
        while pending:
            request: Any = {self.name: {"Keys": pending[:MAX_BATCH_GET], "ConsistentRead": True}}
            with unavailable(_SERVICE):
                answer = self._client.batch_get_item(RequestItems=request)
            items = [from_attributes(attributes) for attributes in answer["Responses"].get(self.name, [])]
            found.update({(item["pk"], item["sk"]): item for item in items})
            unprocessed = cast("dict[str, Any]", answer.get("UnprocessedKeys", {}))
            unanswered: list[Any] = list(unprocessed.get(self.name, {}).get("Keys", []))
            tries = tries + 1 if unanswered else 0
            if tries > 10:  # noqa: PLR2004
                message = "DynamoDB answers too slowly; try again"
                raise Unavailable(message)
            pending = unanswered + pending[MAX_BATCH_GET:]
        return found

    def put(
        self,
        item: Mapping[str, Any],
        *,
        condition: str | None = None,
        values: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        """Write one item whole.

        Raises:
            ConditionFailed: ``condition`` does not hold; the item there is attached.
        """
        request = {"TableName": self.name, "Item": to_attributes(item), **_provided(condition, values, names)}
        self._conditional(self._client.put_item, request)

    def update(
        self,
        key: Key,
        expression: str,
        *,
        values: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
        condition: str | None = None,
        returned: str = "ALL_NEW",
    ) -> Item:
        """Change one item and return it as ``returned`` says (``ALL_NEW``, ``ALL_OLD``).

        Raises:
            ConditionFailed: ``condition`` does not hold; the item there is attached.
            CannotBeRead: an attribute has another type than the change needs.
        """
        request: dict[str, Any] = {
            "TableName": self.name,
            "Key": _key(key),
            "UpdateExpression": expression,
            "ReturnValues": returned,
        }
        if condition:
            request |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        if values:
            request["ExpressionAttributeValues"] = _values(values)
        if names:
            request["ExpressionAttributeNames"] = dict(names)
        return from_attributes(self._conditional(self._client.update_item, request).get("Attributes", {}))

    def delete(
        self,
        key: Key,
        *,
        condition: str | None = None,
        values: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        """Delete one item, which need not exist.

        Raises:
            ConditionFailed: ``condition`` does not hold; the item there is attached.
        """
        request = {"TableName": self.name, "Key": _key(key), **_provided(condition, values, names)}
        self._conditional(self._client.delete_item, request)

    def transact(self, actions: Sequence[Mapping[str, Any]]) -> None:
        """Do several writes or none (at most 100; they cost double). Each is a TransactWriteItems entry.

        Where another write of an item is under way at the same moment, it is tried again at once.

        Raises:
            ConditionFailed: one of the conditions does not hold; its item is attached.
            Unavailable: another write was in the way in every try, or DynamoDB throttles.
        """
        for _ in range(MAX_TRANSACTION_TRIES):
            if self._transacted(actions):
                return
        message = "another write was in the way; try again"
        raise Unavailable(message)

    def _transacted(self, actions: Sequence[Mapping[str, Any]]) -> bool:
        """Do a transaction. False: another write was in the way. Raises as ``transact``."""
        try:
            with unavailable(_SERVICE):
                self._client.transact_write_items(TransactItems=cast("Any", list(actions)))
        except self._client.exceptions.TransactionCanceledException as error:
            reasons: list[Any] = list(error.response.get("CancellationReasons", []))
            for position, reason in enumerate(reasons):
                if reason.get("Code") == "ConditionalCheckFailed":
                    raise ConditionFailed(from_attributes(reason.get("Item", {})), position) from error
            codes = {reason.get("Code") for reason in reasons}
            if codes & _BUSY_REASONS:
                message = "DynamoDB is too busy; try again"
                raise Unavailable(message) from error
            if _IN_THE_WAY not in codes:
                raise
            return False
        return True

    def put_action(
        self,
        item: Mapping[str, Any],
        *,
        condition: str,
        values: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return a conditional put, for ``transact``."""
        action = {"TableName": self.name, "Item": to_attributes(item), **_provided(condition, values, names)}
        return {"Put": action}

    def delete_action(
        self,
        key: Key,
        *,
        condition: str | None = None,
        values: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return a delete, for ``transact``."""
        return {"Delete": {"TableName": self.name, "Key": _key(key), **_provided(condition, values, names)}}

    def update_action(
        self, key: Key, expression: str, *, values: Mapping[str, Any], names: Mapping[str, str], condition: str
    ) -> dict[str, Any]:
        """Return a conditional update, for ``transact``."""
        action = {"TableName": self.name, "Key": _key(key), "UpdateExpression": expression}
        return {"Update": {**action, **_provided(condition, values, names)}}

    def query(  # noqa: PLR0913  one keyword per part of a Query
        self,
        partition: str,
        *,
        prefix: str = "",
        between: tuple[str, str] | None = None,
        index: str | None = None,
        limit: int | None = None,
        start: Mapping[str, str] | None = None,
        forward: bool = True,
        filtering: str | None = None,
        values: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
        projection: str | None = None,
    ) -> Page:
        """Return one page of an item collection (or of an index's), consistently where the index allows it.

        Of all its items, or of those whose sort key begins with ``prefix``, or is ``between`` two, both included.
        ``limit`` counts items looked at, before ``filtering``.
        """
        pk, sk = _KEYS_OF[index]
        condition, bounds = f"{pk} = :pk", {":pk": partition}
        if prefix:
            condition += f" AND begins_with({sk}, :prefix)"
            bounds[":prefix"] = prefix
        if between is not None:
            condition += f" AND {sk} BETWEEN :least AND :most"
            bounds[":least"], bounds[":most"] = between
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": _values({**bounds, **(values or {})}),
            "ScanIndexForward": forward,
            "ConsistentRead": index not in _GLOBAL,
        }
        if index:
            request["IndexName"] = index
        if limit:
            request["Limit"] = limit
        if start:
            request["ExclusiveStartKey"] = to_attributes(start)
        if filtering:
            request["FilterExpression"] = filtering
        if names:
            request["ExpressionAttributeNames"] = dict(names)
        if projection:
            request["ProjectionExpression"] = projection
        with unavailable(_SERVICE):
            answer = self._client.query(**request)
        last_key = answer.get("LastEvaluatedKey")
        return Page(
            [from_attributes(attributes) for attributes in answer["Items"]],
            from_attributes(last_key) if last_key else None,
        )

    def query_all(self, partition: str, **options: Any) -> Iterator[Item]:  # noqa: ANN401  as query() takes them
        """Yield every item of a query, page after page."""
        start: Mapping[str, str] | None = None
        while True:
            page = self.query(partition, start=start, **options)
            yield from page.items
            if page.last_key is None:
                return
            start = page.last_key

    def _conditional(self, call: Any, request: dict[str, Any]) -> Any:  # noqa: ANN401  any of the client's writes
        for _ in range(MAX_TRANSACTION_TRIES - 1):
            try:
                return self._write(call, request)
            except Unavailable as error:
                if not _met_a_transaction(error):
                    raise
        return self._write(call, request)

    def _write(self, call: Any, request: dict[str, Any]) -> Any:  # noqa: ANN401  any of the client's writes
        try:
            with unavailable(_SERVICE):
                return call(**request)
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                found = cast("dict[str, Any]", error.response).get("Item", {})
                raise ConditionFailed(from_attributes(found)) from error
            if error_code(error) == "ValidationException" and "UpdateExpression" in request:
                raise CannotBeRead(_clash(request["Key"])) from error
            raise


def _clash(key: Mapping[str, Any]) -> Unreadable:
    """Return the item that DynamoDB finds an update not valid for.

    Every expression of ours is valid, as tests show; so it is the item that has an attribute of another type, such as a
    text where a number is to be added to.
    """
    kind, record_id, of = record_of(from_attributes(key))
    fault = "an attribute has another type than a change of it needs"
    return set_aside(Unreadable(kind=kind, id=record_id, of=of, fault=fault))


def _met_a_transaction(error: Unavailable) -> bool:
    """Tell whether a single write was refused because a transaction of its item was under way."""
    cause = error.__cause__
    return isinstance(cause, ClientError) and error_code(cause) == "TransactionConflictException"


def _key(key: Key) -> dict[str, Any]:
    return to_attributes({"pk": key[0], "sk": key[1]})


def _provided(
    condition: str | None, values: Mapping[str, Any] | None, names: Mapping[str, str] | None
) -> dict[str, Any]:
    """Return the parts of a write that say on which condition it is done, and what its placeholders stand for."""
    parts: dict[str, Any] = {}
    if condition:
        parts = {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if values:
        parts["ExpressionAttributeValues"] = _values(values)
    if names:
        parts["ExpressionAttributeNames"] = dict(names)
    return parts


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serializer.serialize(value) for name, value in values.items()}
