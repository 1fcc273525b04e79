"""Doing one small thing for each of thousands of devices, some at a time."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

WORKERS: Final = 16  # the AWS clients keep 32 connections open

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def for_each(function: Callable[[_In], _Out], items: Iterable[_In]) -> list[_Out]:
    """Call ``function`` with each item and return the answers in order.

    The first error in order is raised once the calls that had begun have ended; the others are not made, so that a
    service that throttles is not asked thousands of times more. Who calls this does it all again.
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(function, items))
