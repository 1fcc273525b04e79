"""What travels along a flow's connections: messages whose values are trees of a bounded size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Final, NoReturn

from pydantic import JsonValue

MAX_MESSAGE_BYTES: Final = 256 * 1024
"""How large a message may be where the device's settings say nothing else (``message_limit``); see :func:`bounded`."""
MAX_MESSAGE_LEVELS: Final = 128
"""Lists and objects in one another; far below what the interpreter's own recursion takes."""
VALUE_BYTES: Final = 8
"""What each value counts, and each name of an object, besides the bytes of a text."""

_WORD_BITS: Final = 64
_WORD: Final = 2**_WORD_BITS
_PLAIN: Final = frozenset({float, bool, NoneType})
_set: Final = object.__setattr__


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. Nodes share it, so none changes its payload.

    Attributes:
        payload: any JSON value.
        source: id of the node that made it.
        metadata: what else is known of it, such as a measurement's unit.
        is_bounded: whether :func:`bounded` made it. One that is made from it, as by ``dataclasses.replace``, is not.
    """

    payload: JsonValue
    source: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    is_bounded: bool = field(default=False, init=False, repr=False, compare=False)

    def carrying(self, payload: JsonValue, source: str) -> "Message":
        """Return a message of this node's that carries another payload, with what else is known of this one."""
        return Message(payload=payload, source=source, metadata=self.metadata)


class MessageRefused(Exception):
    """A message cannot flow; the message is a sentence for the operator."""


def bounded(message: Message, limit: int) -> Message:
    """Return the message when it may flow: from now on its payload is a tree of its own, in which nothing occurs twice.

    The size is counted while the payload is copied, in bytes: ``VALUE_BYTES`` for each value and each name of an
    object, and what a text has in UTF-8 or a whole number has beyond 64 bits. So counting ends soon, however large a
    value would be whose parts are the same ones again and again. Metadata counts, too. What has passed here once is
    not looked at again.

    Raises:
        MessageRefused: it has more than ``limit`` bytes or ``MAX_MESSAGE_LEVELS`` levels, or holds what is no JSON.
    """
    if message.is_bounded:
        return message
    payload: Any = message.payload
    try:
        copy = _copy_object if type(payload) is dict else _copy
        payload, left = copy(payload, limit, MAX_MESSAGE_LEVELS)
        # Frozen for everybody else: all who have the message see the same values as before.
        if message.metadata:
            metadata, _ = _copy_object(dict(message.metadata), left, 1)
            _set(message, "metadata", metadata)
    except _NoRoomError:
        reason = (
            f"A message of more than {limit} bytes was dropped; send on a part of it, or raise message_limit in the "
            f"agent's settings."
        )
        raise MessageRefused(reason) from None
    _set(message, "payload", payload)
    _set(message, "is_bounded", True)
    return message


class _NoRoomError(Exception):
    """There are no bytes left."""


# Nearly all that flows is one flat object, and each of them goes through here: this is written to be quick.


def _copy(value: Any, left: int, levels: int) -> tuple[Any, int]:  # noqa: ANN401  JSON
    """Return a copy of a value and the bytes that are then left of ``left``."""
    if isinstance(value, Mapping):
        return _copy_object(value if type(value) is dict else dict(value), left, levels)
    if isinstance(value, list | tuple):
        return _copy_list(value, left, levels)
    if not isinstance(value, str | int | float | NoneType):
        message = f"A message that holds a Python {type(value).__name__}, which is no JSON value, was dropped."
        raise MessageRefused(message)
    left -= VALUE_BYTES + _excess(value)
    if left < 0:
        raise _NoRoomError
    return value, left


def _copy_object(value: dict[Any, Any], left: int, levels: int) -> tuple[dict[str, Any], int]:
    if levels == 0:
        _refuse_levels()
    left -= VALUE_BYTES
    if left < 0:
        raise _NoRoomError
    copied = value.copy()
    for name, item in value.items():
        kind = type(item)
        if kind is str:
            left -= 2 * VALUE_BYTES + (len(item) if item.isascii() else _excess(item))
        elif kind in _PLAIN or (kind is int and -_WORD < item < _WORD):
            left -= 2 * VALUE_BYTES
        else:
            copied[name], left = _copy(item, left - VALUE_BYTES, levels - 1)
        left -= len(name) if type(name) is str and name.isascii() else _name_excess(name)
    if left < 0:
        raise _NoRoomError
    return copied, left


def _copy_list(value: Sequence[Any], left: int, levels: int) -> tuple[list[Any], int]:
    if levels == 0:
        _refuse_levels()
    left -= VALUE_BYTES
    if left < 0:
        raise _NoRoomError
    copied = []
    for item in value:
        kind = type(item)
        if kind in _PLAIN or (kind is int and -_WORD < item < _WORD):
            left -= VALUE_BYTES
            copied.append(item)
        else:
            copy, left = _copy(item, left, levels - 1)
            copied.append(copy)
    if left < 0:
        raise _NoRoomError
    return copied, left


def _refuse_levels() -> NoReturn:
    message = f"A message with more than {MAX_MESSAGE_LEVELS} levels of lists and objects was dropped."
    raise MessageRefused(message)


def _name_excess(name: object) -> int:
    if not isinstance(name, str):
        message = f"A message with an object that names a value {name!r}, which is no text, was dropped."
        raise MessageRefused(message)
    return _excess(name)


def _excess(value: object) -> int:
    """Return the bytes of a value beyond those that every value counts."""
    if isinstance(value, str):
        # JSON can hold halves of characters, which UTF-8 cannot.
        return len(value) if value.isascii() else len(value.encode(errors="surrogatepass"))
    return max(0, value.bit_length() - _WORD_BITS) // 8 if isinstance(value, int) else 0
