"""The thread of a running flow: timers and queued actions, done one after the other.

An action that does not come back is left behind with its thread, and a new thread goes on with the others: see
:meth:`FlowLoop.hand_over`.
"""

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from edge_agent.flows.language.clock import Clock

Action = Callable[..., None]
_Work = tuple[object, Action, tuple[Any, ...]]
"""Who it is done for, what is done, and with what."""

MAX_QUEUED: Final = 10_000
"""Actions that may wait. A flow that makes more than it works off is slowed down by losing messages, not by memory."""


class FlowLoop:
    """Timers (a heap of due times) and a queue, worked off by one thread. All methods are thread-safe.

    Due timers and queued actions take turns, so neither holds up the other. Actions must not raise.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._condition = threading.Condition()
        self._timers: list[tuple[float, int, _Work]] = []
        self._order: Final = itertools.count()  # timers of one time fire in the order they were set
        self._queue: deque[_Work] = deque()
        self._timer_had_its_turn = False
        self._stopping = False
        self._end: Callable[[], None] | None = None
        self._charge = threading.Lock()
        """Held for the moment in which a thread ends an action, or is left behind."""
        self._thread: threading.Thread | None = None
        self._ident: int | None = None
        self._at_work: object | None = None
        self._done = 0
        self._seen_at_work: tuple[int, float] | None = None

    @property
    def stopping(self) -> bool:
        """Whether the loop was told to stop."""
        return self._stopping

    @property
    def in_charge(self) -> bool:
        """Whether the calling thread is the one that works for the loop now, not one that was left behind."""
        return threading.get_ident() == self._ident

    def start(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        """Start the thread; it does ``begin`` first and ``end`` last.

        Raises:
            RuntimeError: the platform has no thread left.
        """
        with self._condition:
            if self._thread is not None or self._stopping:
                return
            self._end = end
            thread = self._new_thread(begin)
            with self._charge:
                self._thread = thread
                thread.start()

    def post(self, action: Action, *arguments: Any, owner: object = None, always: bool = False) -> bool:  # noqa: ANN401
        """Queue an action on behalf of ``owner``; false when too many are waiting, unless it is to go ``always``."""
        queue = self._queue
        if len(queue) >= MAX_QUEUED and not always:
            return False
        if threading.get_ident() == self._ident:
            queue.append((owner, action, arguments))  # nobody waits for it: this thread looks there next
            return True
        with self._condition:
            queue.append((owner, action, arguments))
            self._condition.notify()
        return True

    def call_at(self, due: float, action: Action, *, owner: object = None) -> None:
        """Do the action when the clock shows ``due`` (seconds), or soon after."""
        with self._condition:
            heapq.heappush(self._timers, (due, next(self._order), (owner, action, ())))
            self._condition.notify()

    def stop(self, timeout: float) -> bool:
        """End the loop after the action it is at; true when its thread has ended in time (seconds).

        Called by an action, it does not wait: the thread ends when that action returns.
        """
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        thread = self._thread
        if thread is None or thread.ident is None or threading.current_thread() is thread:
            return True
        thread.join(timeout)
        return not thread.is_alive()

    def hand_over(self, now: float, limit: float) -> object | None:
        """Go on without an action that is at work for longer than ``limit`` seconds; returns whom it is done for.

        To be called from another thread, again and again. The thread that is stuck stays behind and ends when its
        action comes back. Returns None, and changes nothing, when no owner's action takes so long.

        Raises:
            RuntimeError: the platform has no thread left; the loop waits for its action as before.
        """
        with self._charge:
            done, owner = self._done, self._at_work
            seen, self._seen_at_work = self._seen_at_work, None
            if owner is None or self._stopping:
                return None
            if seen is None or seen[0] != done:
                self._seen_at_work = (done, now)
                return None
            if now - seen[1] < limit:
                self._seen_at_work = seen
                return None
            successor = self._new_thread()
            successor.start()
            self._thread, self._at_work = successor, None
            return owner

    def _new_thread(self, begin: Callable[[], None] | None = None) -> threading.Thread:
        # A driver that hangs must not keep the agent from ending.
        return threading.Thread(target=self._run, args=(begin,), name=self._name, daemon=True)

    def _run(self, begin: Callable[[], None] | None) -> None:
        me = threading.current_thread()
        with self._charge:  # whoever started this thread has by now said that it is in charge
            self._ident = me.ident
        if begin is not None:
            begin()
        while (work := self._next()) is not None:
            self._at_work, action, arguments = work
            action(*arguments)
            with self._charge:
                if self._thread is not me:
                    return
                self._at_work = None
                self._done += 1
        if self._end is not None:
            self._end()

    def _next(self) -> _Work | None:
        timers, queue = self._timers, self._queue
        if queue and not timers and not self._stopping:
            return queue.popleft()  # just this thread takes from it
        with self._condition:
            while not self._stopping:
                timer_is_due = bool(timers) and timers[0][0] <= self._clock.now()
                if timer_is_due and not (queue and self._timer_had_its_turn):
                    self._timer_had_its_turn = True
                    return heapq.heappop(timers)[2]
                self._timer_had_its_turn = False
                if queue:
                    return queue.popleft()
                self._clock.wait(self._condition, timers[0][0] if timers else None)
            return None
