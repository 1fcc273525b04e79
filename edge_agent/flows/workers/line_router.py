"""Brings what workers ask of GPIO lines to the process that has them open, and the answers back."""

import logging
from collections.abc import Callable
from typing import Any

from edge_agent.flows.workers import sayings
from edge_agent.flows.workers.process import Exit, WorkerProcess

_log = logging.getLogger(__name__)

Begin = Callable[[Callable[[sayings.Saying, bytes], None], Callable[[Exit], None]], WorkerProcess]
"""Begins the process, with who hears it, and who hears of its end."""


class LineRouter:
    """For the hub's thread alone. The process is begun when a flow first asks, and again when it is gone."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._process: WorkerProcess | None = None
        self._workers: dict[int, WorkerProcess] = {}
        self._pending: set[tuple[int, int]] = set()
        self._stopped = False
        self._on_end: Callable[[], None] = lambda: None

    def ask(self, worker: WorkerProcess, asked: sayings.LinesAsked) -> None:
        """Have a call of a worker's done; it hears ``answer`` with the same ``id``."""
        if self._process is None and not self._stopped:
            self._process = self._begin(self._hear, self._ended)
        if self._process is None:
            _answer(worker, asked.id, {"errno": 19, "error": "the agent is being stopped"})
            return
        self._workers[worker.number] = worker
        self._pending.add((worker.number, asked.id))
        about: dict[str, Any] = {"kind": "do", "worker": worker.number, "id": asked.id, "name": asked.name}
        self._process.say(about | {"call": asked.call})

    def leave(self, worker: WorkerProcess) -> None:
        """Forget a worker that is gone; what it held goes back."""
        if self._workers.pop(worker.number, None) is not None and self._process is not None:
            self._process.say({"kind": "forget", "worker": worker.number})
        self._pending = {each for each in self._pending if each[0] != worker.number}

    def stop(self, on_end: Callable[[], None]) -> None:
        """End the process, once all workers are gone; ``on_end`` hears when it has ended."""
        self._stopped = True
        self._on_end = on_end
        if self._process is not None:
            self._process.say({"kind": "stop"})
        else:
            on_end()

    def _hear(self, saying: sayings.Saying, _: bytes) -> None:
        if isinstance(saying, sayings.LinesAnswered):
            worker = self._workers.get(saying.worker)
            self._pending.discard((saying.worker, saying.id))
            if worker is not None:
                _answer(worker, saying.id, saying.answer)

    def _ended(self, exit_: Exit) -> None:
        self._process = None
        if not self._stopped:
            _log.error("the process that has the GPIO lines open %s; it is started again", exit_.describe())
        self._on_end()
        pending, self._pending = self._pending, set()
        for number, asked in pending:
            if number in self._workers:
                _answer(self._workers[number], asked, {"errno": 19, "error": "the process that has it open ended"})


def _answer(worker: WorkerProcess, number: int, answer: dict[str, Any]) -> None:
    worker.say({"kind": "answer", "id": number, "answer": answer})
