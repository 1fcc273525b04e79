"""What nodes wait for, under the test's hand: nothing is answered, and nothing fails, unless the test says so."""

import concurrent.futures
from collections.abc import Coroutine
from typing import Any, TypeVar

from edge_agent.flows.builtin.io import IoLoop

_Result = TypeVar("_Result")


class HandIo(IoLoop):
    """Takes work and does none of it, as a loop does that another node blocks.

    Attributes:
        taken: everything that was submitted, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[concurrent.futures.Future[Any]] = []

    def submit(self, work: Coroutine[Any, Any, _Result]) -> concurrent.futures.Future[_Result]:
        work.close()
        future: concurrent.futures.Future[_Result] = concurrent.futures.Future()
        self.taken.append(future)
        return future

    def under_way(self) -> list[concurrent.futures.Future[Any]]:
        """Return what waits for an end, the oldest first."""
        return [future for future in self.taken if not future.done()]
