"""The threads of a flow: never more than its limit, nothing lost or done twice, and none left when all is done."""

import asyncio
import functools
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.flows.builtin.threads import Threads, TooMuchWork, in_thread
from edgeflow.contract.nodes.base import MAX_WAITING
from tests.support.waiting import wait_for


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Look that nothing is left when the test is done."""
    before = set(threading.enumerate())  # the libraries of other tests may have threads of their own
    yield
    wait_for(lambda: not set(threading.enumerate()) - before or None, what="no thread is left")


class _Gauge:
    """Work that says how many are at it."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.most = 0
        self._at_work = 0
        self._lock = threading.Lock()

    def work(self, number: int) -> int:
        with self._lock:
            self._at_work += 1
            self.most = max(self.most, self._at_work)
        with self._lock:
            self._at_work -= 1
            self.done.append(number)
        return number


@given(limit=st.integers(1, 5), jobs=st.integers(0, 40), given_up=st.sets(st.integers(0, 39)))
@settings(deadline=None, max_examples=50)
def test_all_that_is_not_given_up_is_done_once_by_no_more_threads_than_the_limit(
    limit: int, jobs: int, given_up: set[int]
) -> None:
    gauge = _Gauge()
    threads = Threads(limit)

    async def ask() -> list[int | BaseException]:
        asked = [asyncio.ensure_future(threads.do(functools.partial(gauge.work, each))) for each in range(jobs)]
        await asyncio.sleep(0)
        for each in given_up:
            if each < jobs:
                asked[each].cancel()
        return await asyncio.gather(*asked, return_exceptions=True)

    results = asyncio.run(ask())
    wanted = [each for each in range(jobs) if each not in given_up]
    assert [each for each in results if isinstance(each, int) and each not in given_up] == wanted
    assert len(gauge.done) == len(set(gauge.done))
    assert gauge.most <= limit


def test_what_is_too_much_is_refused_and_what_waits_is_done_in_order() -> None:
    begin = threading.Event()
    gauge = _Gauge()
    threads = Threads(1)

    async def ask() -> None:
        first = asyncio.ensure_future(threads.do(begin.wait))
        await asyncio.sleep(0)
        waiting = [
            asyncio.ensure_future(threads.do(functools.partial(gauge.work, each))) for each in range(MAX_WAITING)
        ]
        await asyncio.sleep(0)
        with pytest.raises(TooMuchWork):
            await threads.do(begin.wait)
        begin.set()
        await asyncio.gather(first, *waiting)

    asyncio.run(ask())
    assert gauge.done == list(range(MAX_WAITING))


def test_what_work_raises_is_raised_where_it_is_waited_for() -> None:
    def fail() -> None:
        message = "the valve is stuck"
        raise OSError(message)

    async def ask() -> None:
        await Threads(1).do(fail)

    with pytest.raises(OSError, match="the valve is stuck"):
        asyncio.run(ask())


def test_a_node_s_work_is_done_by_the_threads_that_its_flow_lends() -> None:
    gauge = _Gauge()

    async def node() -> list[int]:
        return await asyncio.gather(*(in_thread(functools.partial(gauge.work, each)) for each in range(20)))

    assert asyncio.run(Threads(1).lend(node)) == list(range(20))
    assert (gauge.most, gauge.done) == (1, list(range(20)))
