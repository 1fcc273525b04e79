"""What stores hand over where a record may be unreadable, for tests in which none is."""

from collections.abc import Iterable
from typing import TypeVar

from edgeflow.domain.unreadable import Unreadable

_Read = TypeVar("_Read")


def read(found: _Read | Unreadable) -> _Read:
    """Return a record that is readable."""
    assert not isinstance(found, Unreadable), found.fault
    return found


def all_read(found: Iterable[_Read | Unreadable]) -> list[_Read]:
    """Return records that are all readable."""
    return [read(each) for each in found]
