"""``delay``: sends messages on later, or no more often than so many in a time."""

import random
from collections import OrderedDict
from functools import partial

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Outcome, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.delay import DelayKind, DelaySettings
from edgeflow.contract.nodes.paths import NothingThereError
from edgeflow.contract.wording import agreeing, counted


class DelayNode(DelayKind, Node[DelaySettings]):
    """Holds messages and sends them on unchanged.

    Attributes:
        waiting: how many messages wait.
        dropped: how many were dropped since the start: those that a full queue had no place for and those that came
            too fast for ``excess`` ``drop``; not those that a reset dropped.
    """

    def __init__(self, settings: DelaySettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self.dropped = 0
        self._emit: Emit | None = None
        self._schedule: Schedule | None = None
        self._held: OrderedDict[int, Message] = OrderedDict()
        self._taken = 0
        self._free_at = float("-inf")
        self._release_planned = False
        self._random = random.Random()  # noqa: S311  it spreads messages, and hides nothing

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return len(self._held)

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Remember output and timers."""
        self._emit, self._schedule = emit, schedule

    def receive(self, message: Message) -> Outcome | None:
        """Hold the message until its time has come.

        Raises:
            NodeError: too many messages wait already; this one is dropped.
        """
        if self._emit is None or self._schedule is None:
            return None
        if self._resets(message):
            self._held.clear()
        elif self.settings.mode == "rate":
            return self._take_at_rate(message, self._emit)
        else:
            self._schedule.after(self._seconds(), partial(self._release, self._hold(message)))
        return None

    def _resets(self, message: Message) -> bool:
        path = self.settings.reset
        if path is None:
            return False
        try:
            return path.find(message.payload) is True
        except NothingThereError:
            return False

    def _seconds(self) -> float:
        shortest, longest = self.settings.time, self.settings.at_most
        if longest is None:
            return shortest.total_seconds()
        return self._random.uniform(shortest.total_seconds(), longest.total_seconds())

    def _hold(self, message: Message) -> int:
        if len(self._held) >= self.settings.keep:
            self._drop()
            reason = f"{counted(len(self._held), 'message', 'waits', 'wait')}, which is all that keep allows, so "
            reason += f"{self.dropped} {agreeing(self.dropped, 'was', 'were')} dropped."
            raise NodeError(reason)
        self._taken += 1
        self._held[self._taken] = message
        return self._taken

    def _drop(self) -> None:
        self.dropped += 1
        self.environment.dropped(1)

    def _release(self, number: int) -> None:
        # A reset may have dropped it.
        message = self._held.pop(number, None)
        if message is not None and self._emit is not None:
            self._emit(message)

    def _take_at_rate(self, message: Message, emit: Emit) -> Outcome | None:
        now = self.environment.now()
        if now >= self._free_at and not self._held:
            self._free_at = now + self._spacing()
            emit(message)
            return Outcome.DONE  # it went on: that also makes up for one that could not
        if self.settings.excess == "drop":
            self._drop()
        else:
            self._hold(message)
            self._plan_release()
        return None

    def _spacing(self) -> float:
        return self.settings.time.total_seconds() / self.settings.messages

    def _plan_release(self) -> None:
        if not self._release_planned and self._schedule is not None:
            self._release_planned = True
            self._schedule.after(max(0.0, self._free_at - self.environment.now()), self._release_next)

    def _release_next(self) -> None:
        self._release_planned = False
        if not self._held or self._emit is None:
            return
        # From now, not from when it was due: a busy device must not catch up with a burst.
        self._free_at = self.environment.now() + self._spacing()
        _, message = self._held.popitem(last=False)
        if self._held:
            self._plan_release()
        self._emit(message)
