"""Doing one small thing for each of many: answers in order, and an error once all that had begun have ended."""

from threading import Barrier, Event

import pytest

from edgeflow.use_cases.concurrently import WORKERS, for_each


def test_answers_come_in_the_order_of_the_items() -> None:
    all_there = Barrier(WORKERS, timeout=10)

    def double(number: int) -> int:
        all_there.wait()  # passes only when as many are at work at once
        return 2 * number

    assert for_each(double, range(WORKERS)) == [2 * number for number in range(WORKERS)]


def test_the_first_error_in_order_is_raised_when_all_that_had_begun_have_ended() -> None:
    later = Event()
    begun: list[int] = []
    ended: list[int] = []

    def fail(number: int) -> None:
        begun.append(number)
        try:
            if number == 0:
                assert later.wait(timeout=10)
            later.set()
            message = f"of {number}"
            raise ValueError(message)
        finally:
            ended.append(number)

    with pytest.raises(ValueError, match="of 0"):
        for_each(fail, range(100))
    assert {0, 1} <= set(begun)
    assert sorted(ended) == sorted(begun)
