"""Signals wait to be read, whenever they come."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from edge_agent.process.signals import SignalInbox

NUMBERS = (signal.SIGUSR1, signal.SIGUSR2)


@pytest.fixture
def inbox() -> Iterator[SignalInbox]:
    """An inbox of two signals that nobody else here uses."""
    with SignalInbox(NUMBERS) as entered:
        yield entered


def test_a_signal_that_came_before_anybody_waited_is_read(inbox: SignalInbox) -> None:
    os.kill(os.getpid(), signal.SIGUSR1)
    assert inbox.read() is signal.SIGUSR1


def test_signals_are_read_in_the_order_they_came(inbox: SignalInbox) -> None:
    for number in (*NUMBERS, *NUMBERS):
        os.kill(os.getpid(), number)
    assert [inbox.read() for _ in range(4)] == [*NUMBERS, *NUMBERS]


def test_who_waits_no_longer_than_so_long_misses_nothing(inbox: SignalInbox) -> None:
    with pytest.raises(TimeoutError):
        inbox.read(0.01)
    os.kill(os.getpid(), signal.SIGUSR1)
    assert inbox.read(10) is signal.SIGUSR1


def test_a_thread_ends_the_waiting(inbox: SignalInbox) -> None:
    interrupter = threading.Thread(target=inbox.interrupt)
    interrupter.start()
    assert inbox.read() is None
    interrupter.join()


def test_other_signals_are_not_its_business(inbox: SignalInbox) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: heard.append(number))
    try:
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGUSR2)
        assert inbox.read() is signal.SIGUSR2
    finally:
        signal.signal(signal.SIGHUP, before)
    assert heard == [signal.SIGHUP]


def test_who_had_the_signals_before_has_them_again() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    try:
        with SignalInbox(NUMBERS):
            os.kill(os.getpid(), signal.SIGUSR1)
        assert heard == []
        os.kill(os.getpid(), signal.SIGUSR1)
        assert heard == [signal.SIGUSR1]
    finally:
        signal.signal(signal.SIGUSR1, before)
