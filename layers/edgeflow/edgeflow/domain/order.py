"""Which of two things that a device said is the later one, whatever its clock says and whatever it has lost.

A device numbers what it says (``sequence``): by its clock, never going back, as long as it keeps its data folder. With
the folder goes the number, so each folder has an ``epoch`` of its own, a random id. Within an epoch the device's own
numbers decide. Between epochs the cloud's clock does, by which AWS IoT took in what was said: a folder that is lost
says nothing any more, so whatever it said came in before.

Agents of before there were epochs have none. Their numbers are believed while they agree with the cloud's clock; a
clock that is wrong orders nothing, so then it is the cloud's again that decides.
"""

from dataclasses import dataclass
from typing import Final

CLOCKS_AGREE_MS: Final = 60_000
"""A number of a device without an epoch orders when it is that near the cloud's clock; else its clock was wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The place of something that a device said.

    ``epoch`` is None for agents of before there were epochs. ``received_ms`` is when AWS IoT took it in, in
    milliseconds since 1970; None in records of before it was noted.
    """

    epoch: str | None
    sequence: int
    received_ms: int | None

    def is_after(self, known: "Said") -> bool:
        """Tell whether this was said later than what is known. A repeat is not."""
        if self.epoch != known.epoch:
            return self._came_after(known)
        numbers_decide = (
            self.epoch is not None
            or self.sequence == known.sequence
            or self.received_ms == known.received_ms
            or (_by_the_clock(self, self.received_ms) and _by_the_clock(known, self.received_ms))
        )
        return self.sequence > known.sequence if numbers_decide else self._came_after(known)

    def _came_after(self, known: "Said") -> bool:
        if self.received_ms is None or known.received_ms is None:
            return self.received_ms is not None
        return self.received_ms > known.received_ms


def _by_the_clock(said: Said, present_ms: int | None) -> bool:
    """Tell whether the number can be the time at which it was said; where that is not known, no time to come."""
    if said.received_ms is not None:
        return abs(said.sequence - said.received_ms) <= CLOCKS_AGREE_MS
    return present_ms is None or said.sequence <= present_ms + CLOCKS_AGREE_MS
