"""What is known of a node's health, which is evidence: from a failure until the same kind of work succeeds."""

from collections.abc import Hashable
from enum import Enum, auto

from edge_agent.flows.builtin.nodes.base import Outcome


class Work(Enum):
    """What a node does. Each kind is judged by its own last attempt; so is each timer that repeats, by itself."""

    START = auto()
    """Being built and started: once."""
    MESSAGE = auto()
    """Messages, and what else came from outside."""
    LATER = auto()
    """What the node put off by a timer that fires once."""
    EMIT = auto()
    """Sending from a thread of the node's own."""
    BUSY = auto()
    """Coming back from what it is at."""


class Standing:
    """The failures of one node that no success has made up for. Changed by one thread at a time, read by others."""

    def __init__(self) -> None:
        self._failures: dict[Hashable, str] = {}

    @property
    def error(self) -> str | None:
        """What is wrong, by the latest of the failures; None when nothing is."""
        return next(reversed(tuple(self._failures.values())), None)

    def is_failing(self, work: Hashable) -> bool:
        """Tell whether this kind of work failed last."""
        return work in self._failures

    def failed(self, work: Hashable, error: str) -> None:
        """Note a failure: a kind of :class:`Work`, or a timer that repeats; ``error`` is a sentence."""
        self._failures.pop(work, None)  # the latest is the last
        self._failures[work] = error

    def returned(self, work: Hashable, outcome: Outcome | None) -> None:
        """Note what a call said of itself that did not fail; None: this kind of work succeeded."""
        if outcome is Outcome.NOT_YET:
            return
        self._failures.pop(work, None)
        if outcome is Outcome.DONE:
            self._failures.pop(Work.MESSAGE, None)
            self._failures.pop(Work.LATER, None)
