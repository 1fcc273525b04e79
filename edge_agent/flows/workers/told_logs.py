"""The log of a worker: each entry goes to the agent, which writes it with its own."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from edge_agent.flows.language.sentences import fit
from edge_agent.flows.workers import sayings
from edge_agent.flows.workers.upward import Upward

BURST: Final = 200
A_SECOND: Final = 20.0
"""A node that logs more loses entries, which are counted: a log is no channel for data."""


class TellLogs(logging.Handler):
    """Tells the agent."""

    def __init__(self, upward: Upward, redact: Callable[[str], str] = str) -> None:
        """Tell by this; ``redact`` takes out what must not be read in a log, whichever node logs it."""
        super().__init__()
        self._upward = upward
        self._redact = redact
        self._room = float(BURST)
        self._at = time.monotonic()
        self._left_out = 0

    def install(self, level: int) -> None:
        """Be the only place that this process logs to, from this level on."""
        root = logging.getLogger()
        for handler in tuple(root.handlers):
            root.removeHandler(handler)
        root.addHandler(self)
        root.setLevel(level)
        threading.excepthook = _log_end_of_thread  # or it would be written to standard error as it is

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of it, unless there was too much of late."""
        now = time.monotonic()
        self._room = min(float(BURST), self._room + (now - self._at) * A_SECOND)
        self._at = now
        if self._room < 1:
            self._left_out += 1
            return
        self._room -= 1
        try:
            text = self._redact(self.format(record))
        except Exception:  # noqa: BLE001  what a node hands to its logger may be anything
            text = f"an entry of {record.name} cannot be written"
        node_id = getattr(record, "node_id", None)
        self._upward.say(
            sayings.Logged(
                level=max(0, min(record.levelno, logging.CRITICAL)),
                logger=fit(record.name, 256),
                message=fit(text, sayings.MAX_LOGGED),
                node_id=fit(str(node_id), 256) if node_id is not None else None,
                left_out=self._left_out,
            )
        )
        self._left_out = 0


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    name = ended.thread.name if ended.thread is not None else "of before"
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        logging.getLogger(__name__).critical("thread %s has ended by an error", name, exc_info=ended.exc_value)
