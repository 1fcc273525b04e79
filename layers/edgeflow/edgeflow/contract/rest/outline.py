"""What of a body is too much, taken out before the body is validated.

A validator notes a fault for each entry of a list and for each unknown key, so a list of a million numbers in place of
nodes costs a million notes. This looks only at how long lists are and which keys objects have, by the model's JSON
schema, and goes no deeper into a list than its limit.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from edgeflow.contract.json_values import Location
from edgeflow.contract.wording import counted

MAX_UNKNOWN_KEYS: Final = 1_000
"""In a whole body; with no more than these, they are the validator's to name."""

_Schema = Mapping[str, Any]


class Cut(NamedTuple):
    """What was too much: a sentence for each place, and how many unknown keys there were beside those."""

    found: list[tuple[Location, str]]
    more: int = 0


def cut_to_size(document: object, model: type[BaseModel], *, most: int) -> Cut:
    """Cut lists and objects to what the model lets them have, and take out unknown keys where there are too many.

    What is left is of a size that its validation can bear. At most the first ``most`` of the keys are told.
    """
    schema = _schema_of(model)
    shared = schema.get("$defs", {})
    lists = list(_cut_lists(document, schema, shared, ()))
    unknown = list(_unknown_keys(document, schema, shared, ()))
    count = sum(len(each.names) for each in unknown)
    if count <= MAX_UNKNOWN_KEYS:
        return Cut(lists)
    told = (((*each.place, name), unknown_key(each.known)) for each in unknown for name in each.names)
    keys = list(islice(told, most))
    for each in unknown:
        for name in each.names:
            del each.holder[name]
    return Cut(lists + keys, count - len(keys))


def unknown_key(known: Iterable[str]) -> str:
    """Say in a sentence that a key is unknown, and which there are."""
    return f"unknown key; known keys are {', '.join(sorted(known))}"


def too_long_a_list(length: int, limit: int) -> str:
    """Say in a sentence that a list or an object is too long."""
    return f"has {counted(length, 'entry')}; at most {limit} are allowed"


@cache
def _schema_of(model: type[BaseModel]) -> _Schema:
    return model.model_json_schema()


def _cut_lists(document: object, schema: _Schema, shared: _Schema, place: Location) -> Iterator[tuple[Location, str]]:
    schema = _chosen(document, schema, shared)
    limit = schema.get("maxItems")
    if isinstance(document, list) and limit is not None and len(document) > limit:
        yield place, too_long_a_list(len(document), limit)
        del document[limit:]
    limit = schema.get("maxProperties")
    if isinstance(document, dict) and limit is not None and len(document) > limit:
        yield place, too_long_a_list(len(document), limit)
        for name in list(document)[limit:]:
            del document[name]
    for name, value, inner in _inside(document, schema):
        yield from _cut_lists(value, inner, shared, (*place, name))


class _Unknown(NamedTuple):
    """Unknown keys of one object: the object, where it is, the names, and which there are instead."""

    holder: dict[str, Any]
    place: Location
    names: list[str]
    known: Iterable[str]


def _unknown_keys(document: object, schema: _Schema, shared: _Schema, place: Location) -> Iterator[_Unknown]:
    """Yield each object that has unknown keys: not each key, of which there can be hundreds of thousands."""
    schema = _chosen(document, schema, shared)
    if isinstance(document, dict) and schema.get("additionalProperties") is False:
        known = schema["properties"]
        names = [name for name in document if name not in known]
        if names:
            yield _Unknown(document, place, names, known)
    for name, value, inner in _inside(document, schema):
        yield from _unknown_keys(value, inner, shared, (*place, name))


def _inside(document: object, schema: _Schema) -> Iterator[tuple[int | str, object, _Schema]]:
    """Yield what an object or a list holds, with the schema of each."""
    if isinstance(document, dict):
        properties: Mapping[str, _Schema] = schema.get("properties", {})
        yield from ((name, document[name], inner) for name, inner in properties.items() if name in document)
    elif isinstance(document, list) and "items" in schema:
        yield from ((index, value, schema["items"]) for index, value in enumerate(document))


def _chosen(document: object, schema: _Schema, shared: _Schema) -> _Schema:
    """Return the schema that holds for a document, where it is told elsewhere or there are several."""
    if "$ref" in schema:
        return _chosen(document, shared[schema["$ref"].rpartition("/")[2]], shared)
    if "discriminator" in schema:
        told = schema["discriminator"]
        name = document.get(told["propertyName"]) if isinstance(document, dict) else None
        reference = told["mapping"].get(name) if isinstance(name, str) else None
        return _chosen(document, {"$ref": reference}, shared) if reference else {}
    kind = "array" if isinstance(document, list) else "object"
    choices = (_chosen(document, choice, shared) for choice in schema.get("anyOf", ()))
    return next((choice for choice in choices if choice.get("type") == kind), schema)
