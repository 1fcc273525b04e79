"""Update expressions of DynamoDB. Every attribute goes by a placeholder, so that no reserved word is in the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """An UpdateExpression, or a condition, with the names and values it uses."""

    expression: str
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


def change(
    *,
    put: Mapping[str, Any] | None = None,
    once: Mapping[str, Any] | None = None,
    add: Mapping[str, Any] | None = None,
    drop: Iterable[str] = (),
    delete: Mapping[str, Any] | None = None,
) -> Change:
    """Build an update.

    ``put`` sets attributes, and removes those whose value is None; ``once`` sets attributes that are
    absent; ``add`` adds numbers, or members to sets; ``drop`` removes attributes; ``delete`` removes
    members of sets.
    """
    sets = {name: value for name, value in (put or {}).items() if value is not None}
    removed = [*(name for name, value in (put or {}).items() if value is None), *drop]
    clauses = {
        "SET": [f"#{name} = :{name}" for name in sets]
        + [f"#{name} = if_not_exists(#{name}, :{name})" for name in once or {}],
        "REMOVE": [f"#{name}" for name in removed],
        "ADD": [f"#{name} :{name}" for name in add or {}],
        "DELETE": [f"#{name} :{name}" for name in delete or {}],
    }
    values = {**sets, **(once or {}), **(add or {}), **(delete or {})}
    return Change(
        expression=" ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts),
        names=names(*values, *removed),
        values={f":{name}": value for name, value in values.items()},
    )


def names(*attributes: str) -> dict[str, str]:
    """Return the placeholders of these attributes, for a condition that says ``#status``."""
    return {f"#{name}": name for name in attributes}


def one_of(attribute: str, candidates: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Return the condition that an attribute is one of these strings, and the values it uses."""
    values = {f":{attribute}_{number}": value for number, value in enumerate(sorted(candidates))}
    return f"#{attribute} IN ({', '.join(values)})", values


def as_read(item: Mapping[str, Any], *attributes: str) -> Change:
    """Return the condition that these attributes are still what they were in an item that was read, if they were."""
    there = [name for name in attributes if name in item]
    parts = [f"#{name} = :{name}_read" if name in there else f"attribute_not_exists(#{name})" for name in attributes]
    return Change(
        expression=" AND ".join(parts),
        names=names(*attributes),
        values={f":{name}_read": item[name] for name in there},
    )
