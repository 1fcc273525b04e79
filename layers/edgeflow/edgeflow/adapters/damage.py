"""Reading items that are not as any release wrote them: by hand, by a later release, or by a fault of long ago."""

from collections.abc import Callable
from functools import wraps
from typing import Final, TypeVar

from edgeflow.adapters.table import Item
from edgeflow.domain.errors import Damaged

_Read = TypeVar("_Read")

UNREADABLE: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, Damaged)
"""What a reader raises of such an item: something is missing, is of another type, or out of every range."""


def whole(kind: str) -> Callable[[Callable[[Item], _Read]], Callable[[Item], _Read]]:
    """Have a reader of items of this kind raise Damaged in place of whatever reading raises."""

    def decorate(read: Callable[[Item], _Read]) -> Callable[[Item], _Read]:
        @wraps(read)
        def reading(item: Item) -> _Read:
            try:
                return read(item)
            except UNREADABLE as error:
                message = f"the {kind} at {item.get('pk')} {item.get('sk')} cannot be read: {fault(error)}"
                raise Damaged(message) from error

        return reading

    return decorate


def fault(error: Exception) -> str:
    """Return what is wrong, for whoever looks at it."""
    return f"{type(error).__name__}: {error}"


def number(item: Item, name: str, default: int | None = None) -> int:
    """Return an attribute that is a whole number. Raises KeyError, TypeError."""
    value = item.get(name, default) if default is not None else item[name]
    if not isinstance(value, int) or isinstance(value, bool):
        message = f"{name} is no number"
        raise TypeError(message)
    return value


def text(item: Item, name: str) -> str:
    """Return an attribute that is a string. Raises KeyError, TypeError."""
    value = item[name]
    if not isinstance(value, str):
        message = f"{name} is no text"
        raise TypeError(message)
    return value
