"""What was stored survives SIGKILL at any moment: nothing that was taken is missing, and all is in order."""

import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.unit.edge_agent.cloud.outbox.link import Clock, Link, outbox

ROUNDS = 12


def _live_until_killed(folder: Path, first: int, lines: int) -> list[tuple[str, int]]:
    """Run a victim, and kill it when it has said so many lines; returns what it said."""
    command = [sys.executable, "-m", "tests.unit.edge_agent.cloud.outbox.victim", str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as victim:  # noqa: S603  this test's own
        assert victim.stdout is not None
        watch = threading.Timer(30, victim.kill)
        watch.start()
        said = [line for _, line in zip(range(lines), victim.stdout, strict=False)]
        victim.kill()
        said += list(victim.stdout)
        watch.cancel()
    assert victim.returncode == -signal.SIGKILL, "it did not end by itself"
    return [(word, int(number)) for word, number in (line.split() for line in said)]


@pytest.mark.slow
def test_whenever_it_is_killed_nothing_that_was_taken_is_missing(tmp_path: Path) -> None:
    chance = random.Random(16)  # noqa: S311  the moments of death, the same each time
    taken: list[int] = []
    arrived: list[int] = []
    for _ in range(ROUNDS):
        first = max(taken, default=0) + 2  # the one after the last may have been taken without a word
        said = _live_until_killed(tmp_path, first, chance.randrange(1, 400))
        taken += [number for word, number in said if word == "taken"]
        arrived += [number for word, number in said if word == "arrived"]
    assert arrived
    link = Link()
    box = outbox(link, tmp_path, Clock())
    box.connection(there=True)
    box.work()
    while link.under_way:
        link.deliver()
        box.work()
    box.stop()
    arrived += [int(data) for _, data in link.arrived]
    firsts = list(dict.fromkeys(arrived))
    assert set(taken) <= set(firsts)
    assert firsts == sorted(firsts)
    assert len(taken) > ROUNDS
