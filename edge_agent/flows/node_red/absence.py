"""Whether a Node-RED that was out of reach has been started anew meanwhile, and how it went down."""

from collections.abc import Callable, Mapping
from typing import Final

from edge_agent.flows.node_red.client import NodeRedFault, NodeRedSilent, NodeRedUnreachable
from edge_agent.flows.node_red.monitor import TabState

LOOKS_WHILE_DOWN_EVERY_SECONDS: Final = 0.1
"""One that goes down as soon as its flows start can be asked for a moment only, in which it has to be met."""
LOOKS_OFTEN_FOR_SECONDS: Final = 120.0


class Absence:
    """From the first request that fails until the next one that is answered. Called by who holds a lock."""

    def __init__(self) -> None:
        """It answers."""
        self._runs: dict[str, str] = {}
        """What tabs said last of their start."""
        self._down_since: float | None = None
        self._was_silent = False

    def saw(self, runs: Mapping[str, str]) -> None:
        """Take the mark that each tab has since it was started; not of a start that is still to be noticed."""
        if self._down_since is None:
            self._runs = dict(runs)
            self._was_silent = False

    def begun(self, fault: NodeRedFault, now: float) -> None:
        """Note that it was not reached, at this monotonic time in seconds."""
        if isinstance(fault, NodeRedSilent):
            self._was_silent = True
        elif isinstance(fault, NodeRedUnreachable) and self._down_since is None:
            self._down_since = now

    @property
    def lasts(self) -> bool:
        """Whether it took no connection, and nobody has looked yet whether it is back."""
        return self._down_since is not None

    def patience(self, at_rest: float, now: float) -> float:
        """Return how many seconds may pass until the next look; ``at_rest`` is that when nothing is wrong."""
        down_since = self._down_since
        if down_since is None or now - down_since > LOOKS_OFTEN_FOR_SECONDS:
            return at_rest
        return min(at_rest, LOOKS_WHILE_DOWN_EVERY_SECONDS)

    def ended(self, ask: Callable[[str], TabState | None]) -> str | None:
        """Return how it went down, as a clause, when it has been started anew since it was reached; else None.

        To be called when it has answered.

        A start shows in the marks of tabs; where none was known, that it took no connection has to do. One that hung
        and goes on by itself was not started. ``ask`` looks at a tab.

        Raises:
            NodeRedFault: of ``ask``.
        """
        if self._down_since is None:
            return None
        tab_id, run = next(iter(self._runs.items()), ("", ""))
        if tab_id:
            state = ask(tab_id)
            is_new = state is None or state.run != run
        else:
            is_new = True
        how = "answered nothing and was started anew" if self._was_silent else "ended"
        self._down_since, self._was_silent = None, False
        self._runs = {}
        return how if is_new else None
