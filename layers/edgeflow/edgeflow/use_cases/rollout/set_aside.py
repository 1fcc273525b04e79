"""What a stream's function cannot deal with, however often it comes: kept aside, or it would hold up all behind it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A record that no number of tries would help.

    ``record`` is its number in the stream, ``pk`` the partition that its item is in, or the id of the deployment that
    it is of, ``fault`` what is wrong.
    """

    record: str
    pk: str
    fault: str


class DeadLetters(Protocol):
    """Where records go that would hold up those behind them for as long as they are tried."""

    def keep(self, record: SetAside) -> None:
        """Keep it for somebody to look at. Raises Unavailable."""
