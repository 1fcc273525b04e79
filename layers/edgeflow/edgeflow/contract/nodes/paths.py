"""Places in a payload, as settings name them: ``"hall.sensors[0].load"``, or ``""`` for the payload itself.

Messages are shared between nodes, so nothing here changes a payload: what a change touches is copied, the rest of the
payload is the same in the old and the new one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, JsonValue

MAX_PATH_LENGTH: Final = 256
MAX_PATH_STEPS: Final = 32  # each step of a change copies one object or list
MAX_INDEX: Final = 99_999

_STEP: Final = re.compile(r"""\[(\d{1,6})\]|\["([^"]+)"\]|(?:^|(?<=.)\.)([^.\[\]]+)""", re.DOTALL)


class PathError(LookupError):
    """A payload and a path do not go together; the message is a sentence."""


class NothingThereError(PathError):
    """The payload has no value at the place."""


class NoPlaceError(PathError):
    """The payload cannot take a value at the place."""


@dataclass(frozen=True, slots=True)
class PayloadPath:
    """A place in a payload.

    Attributes:
        text: the path as it was written.
        steps: a string for an object's key, a number for a place in a list. A key of digits finds both.
    """

    text: str
    steps: tuple[str | int, ...]

    def find(self, payload: JsonValue) -> JsonValue:
        """Return the value at this place.

        Raises:
            NothingThereError: there is none.
        """
        value = payload
        for step in self.steps:
            if isinstance(value, dict) and isinstance(step, str) and step in value:
                value = value[step]
            elif isinstance(value, list) and (index := _index(step)) is not None and index < len(value):
                value = value[index]
            else:
                message = f"A message had nothing at {self.text!r}."
                raise NothingThereError(message)
        return value

    def put(self, payload: JsonValue, value: JsonValue) -> JsonValue:
        """Return the payload with this value at this place.

        Objects that are missing or null on the way are made, and so are lists when the path has a ``[0]`` there. A
        list takes a value at one of its places or next to its last one.

        Raises:
            NoPlaceError: something on the way is neither an object nor a list, or the list is shorter.
        """
        return self._put(payload, value, self.steps)

    def remove(self, payload: JsonValue) -> JsonValue:
        """Return the payload without the value at this place; without the payload itself, ``None``.

        What comes after it in a list moves up. The payload comes back as it is when there was nothing.
        """
        try:
            self.find(payload)
        except NothingThereError:
            return payload
        return _without(payload, self.steps)

    def _put(self, here: JsonValue, value: JsonValue, steps: Sequence[str | int]) -> JsonValue:
        if not steps:
            return value
        step, rest = steps[0], steps[1:]
        if here is None:
            here = [] if isinstance(step, int) else {}
        if isinstance(here, dict) and isinstance(step, str):
            return {**here, step: self._put(here.get(step), value, rest)}
        if isinstance(here, list) and (index := _index(step)) is not None and index <= len(here):
            before = here[index] if index < len(here) else None
            return [*here[:index], self._put(before, value, rest), *here[index + 1 :]]
        kind = f"a list of {len(here)}" if isinstance(here, list) else "no object or list"
        message = f"A message takes nothing at {self.text!r}: there is {kind} where {step!r} would be."
        raise NoPlaceError(message)


def parse_path(text: str) -> PayloadPath:
    """Read a path.

    Raises:
        ValueError: the text is not a path; the message says what one looks like.
    """
    steps: list[str | int] = []
    end = 0
    while end < len(text):
        match = _STEP.match(text, end)
        if match is None or match.end() == end:
            break
        index, quoted, key = match.groups()
        steps.append(int(index) if index is not None else quoted or key)
        end = match.end()
    numbers = (step for step in steps if isinstance(step, int))
    if (
        end < len(text)
        or len(text) > MAX_PATH_LENGTH
        or len(steps) > MAX_PATH_STEPS
        or max(numbers, default=0) > MAX_INDEX
    ):
        message = (
            'is no place in a payload; write one like hall.load, sensors[0] or hall["main load"], or nothing for the '
            f"payload itself, with at most {MAX_PATH_LENGTH} characters and {MAX_PATH_STEPS} steps"
        )
        raise ValueError(message)
    return PayloadPath(text, tuple(steps))


def _read_path(value: object) -> object:
    if isinstance(value, PayloadPath):
        return value
    if not isinstance(value, str):
        message = "is the name of a place in a payload, such as hall.load"
        raise ValueError(message)  # noqa: TRY004  pydantic turns a ValueError, not a TypeError, into a fault
    return parse_path(value)


_WRITTEN: Final = Annotated[str, Field(json_schema_extra={"format": "payload-path"})]

PathSetting = Annotated[PayloadPath, BeforeValidator(_read_path, json_schema_input_type=_WRITTEN)]
"""A setting that names a place in the payload."""

WHOLE_PAYLOAD: Final = PayloadPath("", ())


def _index(step: str | int) -> int | None:
    if isinstance(step, int):
        return step
    return int(step) if step.isascii() and step.isdigit() and len(step) <= len(str(MAX_INDEX)) else None


def _without(here: JsonValue, steps: Sequence[str | int]) -> JsonValue:
    if not steps:
        return None
    step, rest = steps[0], steps[1:]
    if isinstance(here, dict) and isinstance(step, str):
        if rest:
            return {**here, step: _without(here[step], rest)}
        return {key: value for key, value in here.items() if key != step}
    if isinstance(here, list) and (index := _index(step)) is not None:
        return [*here[:index], *([_without(here[index], rest)] if rest else ()), *here[index + 1 :]]
    return here
