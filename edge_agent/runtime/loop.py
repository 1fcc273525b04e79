"""The one thread of a running flow: timers and queued actions, done one after the other."""

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from edge_agent.runtime.clock import Clock

Action = Callable[[], None]

MAX_QUEUED = 10_000
"""Actions that may wait. A flow that makes more than it works off is slowed down by losing messages, not by memory."""


class FlowLoop:
    """Timers (a heap of due times) and a queue, worked off by one thread. All methods are thread-safe.

    Due timers and queued actions take turns, so neither holds up the other. Actions must not raise.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self._clock = clock
        self._condition = threading.Condition()
        self._timers: list[tuple[float, int, Action]] = []
        self._order: Final = itertools.count()  # timers of one time fire in the order they were set
        self._queue: deque[Action] = deque()
        self._timer_had_its_turn = False
        self._stopping = False
        self._begin: Action | None = None
        self._end: Action | None = None
        # A driver that hangs must not keep the agent from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def stopping(self) -> bool:
        """Whether the loop was told to stop."""
        return self._stopping

    def start(self, begin: Action, end: Action) -> None:
        """Start the thread; it does ``begin`` first and ``end`` last.

        Raises:
            RuntimeError: the platform has no thread left.
        """
        with self._condition:
            if self._begin is not None or self._stopping:
                return
            self._begin, self._end = begin, end
            self._thread.start()

    def post(self, action: Action) -> bool:
        """Queue an action; false when too many are waiting."""
        with self._condition:
            if len(self._queue) >= MAX_QUEUED:
                return False
            self._queue.append(action)
            self._condition.notify()
            return True

    def call_at(self, due: float, action: Action) -> None:
        """Do the action when the clock shows ``due`` (seconds), or soon after."""
        with self._condition:
            heapq.heappush(self._timers, (due, next(self._order), action))
            self._condition.notify()

    def stop(self, timeout: float) -> bool:
        """End the loop after the action it is at; true when its thread has ended in time (seconds).

        Called by an action, it does not wait: the thread ends when that action returns.
        """
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if threading.current_thread() is self._thread:
            return True
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        if self._begin is not None:
            self._begin()
        while (action := self._next()) is not None:
            action()
        if self._end is not None:
            self._end()

    def _next(self) -> Action | None:
        with self._condition:
            while not self._stopping:
                timer_is_due = bool(self._timers) and self._timers[0][0] <= self._clock.now()
                if timer_is_due and not (self._queue and self._timer_had_its_turn):
                    self._timer_had_its_turn = True
                    return heapq.heappop(self._timers)[2]
                self._timer_had_its_turn = False
                if self._queue:
                    return self._queue.popleft()
                self._clock.wait(self._condition, self._timers[0][0] if self._timers else None)
            return None
