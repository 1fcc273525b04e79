"""Tables of what models and parameters have, in Markdown, as the document says it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from edgeflow.contract.rest.sentences import ALLOWED
from openapi.schemas import DURATION_TOLD, small

Schema = Mapping[str, Any]

_BODY: Final = ("key", "takes", "default", "what it is")
_ANSWER: Final = ("key", "is", "what it says")
_NAMES: Final = {"boolean": "true or false", "integer": "whole number", "number": "number", "string": "text"}
_LEAST: Final = {"minimum": "", "minLength": " characters", "minItems": ""}
_MOST: Final = {"minimum": "maximum", "minLength": "maxLength", "minItems": "maxItems"}
_BIGGEST: Final = 2**53 - 1
"""Whole numbers of any body end here, so a table does not say it of each."""
_MOST_VALUES: Final = 9
"""That a cell names. Where there are more, a table of their own tells what each means."""
_NULL: Final[Schema] = {"type": "null"}
_NONE: Final = "–"  # noqa: RUF001  a dash in a table


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "".join(f"{line}\n" for line in lines)


class Models:
    """The document's models, by name."""

    def __init__(self, document: Schema) -> None:
        """Read the models of ``document``."""
        self._all: Mapping[str, Schema] = document["components"]["schemas"]

    def body(self, *names: str) -> str:
        """Return what a body takes, with its parts; of several models what all of them take."""
        whole = self._merged(names)
        rows = (
            (f"`{name}`", self._kind(schema), default, _meaning(schema)) for name, schema, default in self._keys(whole)
        )
        return table(_BODY, rows)

    def answer(self, name: str, *, beside: str = "") -> str:
        """Return what an answer has, with its parts; without what the model ``beside`` has as well."""
        whole = self._all[name]
        left_out = self._all[beside]["properties"] if beside else {}
        kept = {key: schema for key, schema in whole["properties"].items() if key not in left_out}
        keys = self._keys({**whole, "properties": kept})
        return table(_ANSWER, ((f"`{key}`", self._kind(schema), _meaning(schema)) for key, schema, _ in keys))

    def settings(self, names: Mapping[str, str]) -> str:
        """Return the settings of each strategy, whose models are given by its name, with their defaults.

        Raises ValueError where two strategies have a setting of one name that is not the same.
        """
        models = {strategy: self._all[name]["properties"] for strategy, name in names.items()}
        rows = []
        for setting in dict.fromkeys(key for model in models.values() for key in model):
            (told,) = _distinct(
                {key: value for key, value in model[setting].items() if key != "default"}
                for model in models.values()
                if setting in model
            )
            defaults = (_written(model[setting]["default"]) if setting in model else _NONE for model in models.values())
            rows.append((f"`{setting}`", *defaults, self._kind(told), _meaning(told)))
        return table(("setting", *models, "takes", "what it is"), rows)

    def parameters(self, told: Iterable[Schema]) -> str:
        """Return parameters with what they take and their defaults."""
        rows = (
            (
                f"`{each['name']}`",
                self._kind({**each["schema"], "description": each["description"]}),
                _written(each["schema"]["default"]) if "default" in each["schema"] else _NONE,
                _meaning(each),
            )
            for each in told
        )
        return table(("parameter", "takes", "default", "asks for"), rows)

    def _merged(self, names: Iterable[str]) -> Schema:
        models = [self._all[name] for name in names]
        properties = {key: _merged([model["properties"][key] for model in models]) for key in models[0]["properties"]}
        return {**models[0], "properties": properties}

    def _keys(self, model: Schema, before: str = "") -> Iterator[tuple[str, Schema, str]]:
        """Yield each key, its schema and its default; below it those of what it holds, where that is of one model."""
        for key, schema in model["properties"].items():
            inner = self._inner(schema)
            yield f"{before}{key}", schema, _default(key, model)
            if inner is not None:
                yield from self._keys(inner, f"{before}{key}{'[]' if schema.get('type') == 'array' else ''}.")

    def _inner(self, schema: Schema) -> Schema | None:
        match _without_null(schema):
            case {"$ref": str()} as reference:
                found = self._resolved(reference)
                return found if found.get("properties") else None
            case {"type": "array", "items": {"$ref": str()} as items}:
                return self._inner(items)
            case _:
                return None

    def _kind(self, schema: Schema) -> str:
        """Return what a schema takes, in words."""
        choices = schema.get("anyOf", [schema])
        told = [self._one_kind(choice) for choice in choices if choice != _NULL]
        return ", or ".join([*dict.fromkeys(told), *(["null"] if _NULL in choices else [])])

    def _one_kind(self, schema: Schema) -> str:  # noqa: PLR0911  one for each way that a schema is written
        duration = DURATION_TOLD.search(schema.get("description", ""))
        if duration:
            return f"duration such as `1h30m`, `{duration['least']}` to `{duration['most']}`"
        match self._resolved(schema):
            case {"enum": list(values)}:
                return _one_of(values)
            case {"const": value}:
                return _written(value)
            case {"pattern": str(pattern), **others}:
                longest = others.get("maxLength")
                return ALLOWED[pattern].removeprefix("must be ") + (
                    f", at most {longest:,} characters" if longest else ""
                )
            case {"type": "array", "items": dict(items), **others}:
                bounds = _bounds(others)
                return (
                    f"list{bounds}, each {_single(self._kind(items))}"
                    if bounds
                    else f"list of {_plural(self._kind(items))}"
                )
            case {"type": "string", "format": "date-time"}:
                return "moment"
            case {"type": str(name), **others} if name in _NAMES:
                return f"{_NAMES[name]}{_bounds(others)}"
            case {"type": "object"} | {"oneOf": list()}:
                return "object"
            case _:
                return "any JSON"

    def _resolved(self, schema: Schema) -> Schema:
        return self._all[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _merged(schemas: list[Schema]) -> Schema:
    distinct = list(_distinct(schemas))
    if len(distinct) == 1:
        return distinct[0]
    if all("enum" in schema for schema in distinct):
        return {**distinct[0], "enum": [value for schema in distinct for value in schema["enum"]]}
    return {"type": "object", "description": distinct[0]["description"], "default": {}}


def _distinct(schemas: Iterable[Schema]) -> Iterable[Schema]:
    return {json.dumps(schema, sort_keys=True): schema for schema in schemas}.values()


def _without_null(schema: Schema) -> Schema:
    choices: list[Schema] = [choice for choice in schema.get("anyOf", [schema]) if choice != _NULL]
    return choices[0] if len(choices) == 1 else schema


def _default(key: str, model: Schema) -> str:
    if key in model.get("required", ()):
        return "required"
    schema = model["properties"][key]
    if "default" in schema:
        return _written(schema["default"])
    return _written({}) if schema.get("type") == "object" else _NONE


def _written(value: Any) -> str:  # noqa: ANN401  a default can be any JSON
    """Return a default; that of an object is what its keys, which are told, have."""
    if isinstance(value, dict):
        return "`{}`"
    return f"`{value}`" if isinstance(value, str) and value else f"`{json.dumps(value)}`"


def _one_of(values: list[Any]) -> str:
    if len(values) > _MOST_VALUES:
        return f"one of {len(values)} codes"
    *first, last = [_written(value) for value in values]
    return f"{', '.join(first)} or {last}" if first else last


def _bounds(schema: Schema) -> str:
    for least_key, unit in _LEAST.items():
        least, most = schema.get(least_key), schema.get(_MOST[least_key])
        if least is not None and most is not None and most != _BIGGEST:
            return f", {least:,} to {most:,}{unit}"
        if most is not None and most != _BIGGEST:
            return f", at most {most:,}{unit}"
    return ""


def _single(kind: str) -> str:
    return re.sub("^(?=text|whole number|number)", "a ", re.sub("^(?=object)", "an ", kind))


def _plural(kind: str) -> str:
    return re.sub("^(text|object|whole number|number)$", r"\1s", kind)


def _meaning(schema: Schema) -> str:
    return small(DURATION_TOLD.sub("", schema.get("description", "")))
