"""JSON from outside: read into values that every JSON reader keeps, or refused.

JSON has numbers of any length; its readers do not. Python makes infinity of ``1e999``, which no JSON can say, and
JavaScript, hence Node-RED and the console, another number of 9007199254740993.
"""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, NoReturn

from edgeflow.contract.echo import quoted
from edgeflow.contract.wire import MAX_WIRE_NUMBER

MAX_DEPTH: Final = 64

Location = tuple[int | str, ...]
"""Where in a document: keys and places in lists, from the outside in."""

NOT_FINITE: Final = "this number is larger than any JSON reader keeps; send a smaller one, or a string"
NOT_EXACT: Final = (
    f"whole numbers go from -{MAX_WIRE_NUMBER} to {MAX_WIRE_NUMBER}, which every JSON reader keeps;"
    " send a smaller one, or a string"
)

_MAX_DIGITS: Final = 400  # the largest double has 309
_LONG_NUMBER: Final = re.compile(f"(?<![0-9])[0-9]{{{_MAX_DIGITS + 1}}}")
"""Looked for where digits begin alone: else each digit of a long number is a place to begin at."""


class Survey(NamedTuple):
    """What a document is like. What is below ``MAX_DEPTH`` levels, where it is ``too_deep``, was not looked at."""

    too_deep: bool = False
    has_odd_numbers: bool = False
    """Some that not every JSON reader keeps."""
    has_half_pairs: bool = False
    """A key or a text with half of a surrogate pair, which UTF-8 cannot say."""


def read_json(text: str, *, each_key_once: bool = False) -> Any:  # noqa: ANN401  JSON can be anything
    """Return the document that a text holds; a number that no double can hold is infinite in it.

    Raises:
        ValueError: it is no JSON, or an object has a key twice; the message says which.
        RecursionError: it is nested so deep that it cannot be read.
    """
    return json.loads(
        text,
        object_pairs_hook=_each_key_once if each_key_once else None,
        parse_constant=_no_constant,
        parse_int=_whole_number(text),
    )


def survey(document: object) -> Survey:
    """Look at each value of a document, level by level."""
    odd = half = False
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            # By type and not by isinstance or match: a body can hold a million values.
            kind = type(value)
            if kind is dict:
                half = half or _has_half_pairs("".join(value))
                below.extend(value.values())
            elif kind is str:
                half = half or _has_half_pairs(value)
            elif kind is list:
                below.extend(value)
            elif (kind is int or kind is float) and not -MAX_WIRE_NUMBER <= value <= MAX_WIRE_NUMBER:
                odd = odd or number_fault(value) is not None
        if not below:
            return Survey(has_odd_numbers=odd, has_half_pairs=half)
        level = below
    return Survey(too_deep=True, has_odd_numbers=odd, has_half_pairs=half)


def is_number(value: object) -> bool:
    """Tell whether it is a JSON number; Python takes true and false for numbers, too."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number_fault(value: object) -> str | None:
    """Say in a sentence why a value is a number that not every JSON reader keeps; None when it is none."""
    if isinstance(value, float):
        return None if math.isfinite(value) else NOT_FINITE
    if isinstance(value, int) and not -MAX_WIRE_NUMBER <= value <= MAX_WIRE_NUMBER:
        return NOT_FINITE if _is_beyond_a_double(value) else NOT_EXACT
    return None


def number_faults(document: object) -> Iterator[tuple[Location, str]]:
    """Yield each number that not every JSON reader keeps, in the document's order: where it is, and what is wrong."""
    pending: list[tuple[Location, object]] = [((), document)]
    while pending:
        place, value = pending.pop()
        if isinstance(value, dict):
            pending.extend(((*place, key), inner) for key, inner in reversed(value.items()))
        elif isinstance(value, list):
            pending.extend(((*place, index), value[index]) for index in reversed(range(len(value))))
        else:
            fault = number_fault(value)
            if fault is not None:
                yield place, fault


def _has_half_pairs(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _is_beyond_a_double(number: int) -> bool:
    try:
        float(number)
    except OverflowError:
        return True
    return False


def _whole_number(text: str) -> Callable[[str], int | float] | None:
    """Return what reads whole numbers: Python's own, which refuses thousands of digits, unless there can be some."""
    if _LONG_NUMBER.search(text) is None:
        return None

    def read(digits: str) -> int | float:
        return int(digits) if len(digits) <= _MAX_DIGITS else math.copysign(math.inf, -1 if digits[0] == "-" else 1)

    return read


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                message = f"the key {quoted(name)} is given twice"
                raise ValueError(message)
            seen.add(name)
    return document


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is no JSON number"
    raise ValueError(message)
