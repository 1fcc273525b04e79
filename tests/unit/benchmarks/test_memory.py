"""The method that memory is measured by."""

import os
import subprocess
import sys

import pytest

from benchmarks.memory import Method, Spread, observe, sample
from tests.support.waiting import wait_for

MIB = 2**20
PARENT = """
import os, sys
held = bytearray(b"x" * (40 * 2**20))
os.fork()
os.write(1, b"ready\\n")
sys.stdin.read()
"""


def test_what_two_processes_share_counts_once_and_what_one_has_alone_in_full() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:  # noqa: S603  our own words
        assert program.stdout is not None
        told = [program.stdout.readline(), program.stdout.readline()]
        assert told == [b"ready\n"] * 2, "both run"
        seen = sample(program.pid)
        over_time = observe(program.pid, Method(warm_up=0, window=0.1, every=0.05))
        assert program.stdin is not None
        program.stdin.close()
    assert seen.processes == over_time.processes == 2
    assert seen.rss > 2 * 40 * MIB
    assert 40 * MIB < seen.pss <= seen.alone < seen.rss - 40 * MIB
    assert over_time.pss.most >= over_time.pss.p95 >= over_time.pss.median > 40 * MIB


def test_a_program_that_has_ended_is_told() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    wait_for(lambda: ended.poll() is not None or None, what="it has ended")
    with pytest.raises(ProcessLookupError):
        sample(ended.pid)


def test_a_spread_is_of_all_samples() -> None:
    spread = Spread.of([MIB * size for size in range(1, 101)])
    assert (spread.median, spread.most) == (50.5 * MIB, 100 * MIB)
    assert spread.p95 == pytest.approx(95 * MIB, rel=0.01)
    assert str(spread).split(" / ")[0] == "50.5"


def test_the_memory_of_this_process_is_what_the_system_says() -> None:
    assert sample(os.getpid()).rss > 10 * MIB
