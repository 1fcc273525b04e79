"""JSON schemas of the models that read requests and write answers, named as the document names them."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Literal, NamedTuple

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from edgeflow.contract.durations import DURATION_PATTERN, format_duration

Schema = dict[str, Any]

_DURATION: Final = "A duration such as `90s`, `5m` or `1h30m`"
DURATION_TOLD: Final = re.compile(
    rf"(: )?[Aa]{re.escape(_DURATION[1:])}, from (?P<least>[0-9dhms]+) to (?P<most>[0-9dhms]+)$"
)
"""What ends the description of a duration with bounds, after what its field means, if that is said."""
_BOUNDS: Final = {"ge": "minimum", "le": "maximum"}
"""Pydantic's words for bounds that it puts on what a function of ours has read, by JSON schema's."""
_NULL: Final[Mapping[str, Any]] = {"type": "null"}
_COMPONENT: Final = "#/components/schemas/{model}"


class Use(NamedTuple):
    """A model, or a union of some, as a request brings it (``validation``) or an answer does (``serialization``)."""

    shape: Any
    mode: Literal["validation", "serialization"]


class _Generator(GenerateJsonSchema):
    """Writes durations as requests do (``"5m"``), and leaves out titles that repeat a key."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002  pydantic's signature
        return False

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:  # noqa: ARG002  as above
        return {"type": "string", "pattern": rf"^\s*(?=[0-9]){DURATION_PATTERN}\s*$", "description": _DURATION}

    def encode_default(self, dft: object) -> Any:  # noqa: ANN401  pydantic's signature
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def schemas_of(uses: Mapping[str, Use]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Return the schema of each use by its name, and those that they refer to by the names of components."""
    asked = [(name, use.mode, TypeAdapter(use.shape)) for name, use in uses.items()]
    found, shared = TypeAdapter.json_schemas(asked, schema_generator=_Generator, ref_template=_COMPONENT)
    by_name = {name: _tidy(schema) for (name, _), schema in found.items()}
    return by_name, {name: _tidy(schema) for name, schema in shared.get("$defs", {}).items()}


def merge_patch_of(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    """Return the schema of a merge patch (RFC 7396) of what a schema describes.

    Each key of an object may be left out, or be null, which brings its default back; lists are replaced whole.
    """
    if "$ref" in schema:
        return merge_patch_of(components[schema["$ref"].rpartition("/")[2]], components)
    if schema.get("type") != "object" or "properties" not in schema:
        return schema
    kept = {key: value for key, value in schema.items() if key not in {"required", "title"}}
    return kept | {
        "properties": {
            name: _or_null(_without_default(merge_patch_of(inner, components)))
            for name, inner in schema["properties"].items()
        }
    }


def without_null(schema: Schema) -> Schema:
    """Return the schema of a parameter, which is left out where a model has null."""
    kept = _without_default(schema) if schema.get("default", "") is None else dict(schema)
    choices = [choice for choice in kept.pop("anyOf", ()) if choice != _NULL]
    if len(choices) == 1:
        both = (
            {"description": _both(kept["description"], choices[0]["description"])} if _tells(kept, choices[0]) else {}
        )
        return {**kept, **choices[0], **both}
    return {**kept, "anyOf": choices} if choices else kept


def _tells(*schemas: Schema) -> bool:
    return all("description" in schema for schema in schemas)


def _both(meaning: str, duration: str) -> str:
    """Return what a field means, and then how its duration is written."""
    return f"{meaning}: {small(duration)}"


def _or_null(schema: Schema) -> Schema:
    choices = schema.get("anyOf", [schema])
    return {"anyOf": choices if _NULL in choices else [*choices, _NULL]}


def _without_default(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "default"}


def _tidy(schema: Any) -> Any:  # noqa: ANN401  JSON can be anything
    """Write docstrings as Markdown, and bounds as JSON schema has them; those of durations in words."""
    match schema:
        case {"description": str(text), "ge": str(least), "le": str(most), **others}:
            bounded = f"{_DURATION}, from {_written(least)} to {_written(most)}"
            told = bounded if text == _DURATION else _both(plain_text(text), bounded)
            return {"description": told, **_tidy(others)}
        case {"description": str(text), **others}:
            return {"description": plain_text(text), **_tidy(others)}
        case dict():
            return {_BOUNDS.get(key, key): _tidy(value) for key, value in schema.items()}
        case list():
            return [_tidy(entry) for entry in schema]
        case _:
            return schema


def _written(iso: str) -> str:
    return format_duration(TypeAdapter(timedelta).validate_python(iso))


def small(sentence: str) -> str:
    """Return a sentence as it goes on after something else; one that begins with an abbreviation stays."""
    return sentence if re.match("[A-Z]{2}", sentence) else sentence[:1].lower() + sentence[1:]


def plain_text(docstring: str) -> str:
    """Return a docstring as Markdown."""
    return re.sub(r":\w+:`([^`]+)`", r"`\1`", docstring).replace("``", "`")
