"""Attributes of stored items, each read as the type that it has to have.

These are the bounds of what is at rest, far beyond what any release lets in, so that a request's bounds can become
narrower and what was stored before stays readable. They keep what was damaged from going on: no number that JSON or
DynamoDB cannot say, no text that would not fit into an answer.

Everything here raises ``ValueError`` with a sentence that names the attribute.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

Item = Mapping[str, Any]
"""Attributes by name, as plain Python values."""

MAX_TEXT: Final = 16_384
"""Characters of one attribute: a hundred items with some of these stay below what Lambda may answer (6 MB)."""
MAX_NUMBER: Final = 2**53 - 1
"""The largest whole number that every JSON reader keeps; one more still fits into DynamoDB's 38 digits."""
MAX_DEPTH: Final = 128
"""Levels of a document; requests may have half of that."""


def text(item: Item, name: str) -> str:
    """Return a text."""
    return checked_text(_present(item, name), name)


def optional_text(item: Item, name: str) -> str | None:
    """Return a text, or None where there is none."""
    return text(item, name) if item.get(name) is not None else None


def whole(item: Item, name: str, *, least: int = 0, most: int = MAX_NUMBER) -> int:
    """Return a whole number within these bounds."""
    value = _present(item, name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _not_a(name, "a whole number")
    if not least <= value <= most:
        message = f"{name} is not between {least} and {most}"
        raise ValueError(message)
    return value


def optional_whole(item: Item, name: str, *, least: int = 0, most: int = MAX_NUMBER) -> int | None:
    """Return a whole number within these bounds, or None where there is none."""
    return whole(item, name, least=least, most=most) if item.get(name) is not None else None


def flag(item: Item, name: str) -> bool:
    """Return a yes or no."""
    value = _present(item, name)
    if not isinstance(value, bool):
        raise _not_a(name, "true or false")
    return value


def texts(item: Item, name: str) -> tuple[str, ...]:
    """Return the texts of a list in its order, or of a set sorted."""
    value = _present(item, name)
    if isinstance(value, set | frozenset):
        return tuple(sorted(checked_text(entry, name) for entry in value))
    if not isinstance(value, list | tuple):
        raise _not_a(name, "a list of texts")
    return tuple(checked_text(entry, name) for entry in value)


def optional_texts(item: Item, name: str) -> tuple[str, ...]:
    """Return the texts of a list or a set as ``texts`` does, none where there is no such attribute."""
    return texts(item, name) if item.get(name) is not None else ()


def document(item: Item, name: str) -> str:
    """Return a text that holds a whole document, of any length."""
    value = _present(item, name)
    if not isinstance(value, str):
        raise _not_a(name, "a text")
    return value


def blob(item: Item, name: str) -> bytes:
    """Return bytes."""
    value = _present(item, name)
    if not isinstance(value, bytes):
        raise _not_a(name, "bytes")
    return value


def mapping(item: Item, name: str) -> Mapping[str, Any]:
    """Return what is in a map."""
    value = _present(item, name)
    if not isinstance(value, Mapping):
        raise _not_a(name, "a map")
    return value


def checked_text(value: object, name: str) -> str:
    """Return a value that is a text of ours: not too long, and all of it writable as UTF-8."""
    if not isinstance(value, str):
        raise _not_a(name, "a text")
    if len(value) > MAX_TEXT:
        message = f"{name} has more than {MAX_TEXT} characters"
        raise ValueError(message)
    _check_characters(value, name)
    return value


def checked_json(value: Any, name: str, depth: int = 0) -> None:  # noqa: ANN401  anything that was stored
    """Refuse what JSON cannot say: infinite numbers, half characters, sets, bytes."""
    if depth > MAX_DEPTH:
        message = f"{name} is nested deeper than {MAX_DEPTH} levels"
        raise ValueError(message)
    match value:
        case None | bool() | int():
            return
        case float() if math.isfinite(value):
            return
        case str():
            _check_characters(value, name)
        case dict():
            for part in (*value.keys(), *value.values()):
                checked_json(part, name, depth + 1)
        case list() | tuple():
            for part in value:
                checked_json(part, name, depth + 1)
        case _:
            message = f"{name} holds what JSON cannot say"
            raise ValueError(message)


def _present(item: Item, name: str) -> Any:  # noqa: ANN401  whatever the table holds
    value = item.get(name)
    if value is None:
        message = f"{name} is missing"
        raise ValueError(message)
    return value


def _not_a(name: str, what: str) -> ValueError:
    return ValueError(f"{name} is not {what}")


def _check_characters(value: str, name: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        message = f"{name} holds half of a surrogate pair"
        raise ValueError(message) from None
