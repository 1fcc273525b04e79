"""Health checks that a flow carries: a flow is healthy only once they have passed, and while they do."""

import sys
from pathlib import Path
from typing import Any

import pytest

from edge_agent.flows.builtin.io import IoLoop
from edgeflow.contract.report import Health
from tests.support.site import Site
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.builtin.bench import PATIENCE_SECONDS, Bench, chain, node
from tests.unit.edge_agent.flows.builtin.checked import Checked

PYTHON = sys.executable


def _emitted(within: str = "30s") -> dict[str, Any]:
    return {"health_checks": [{"type": "emitted", "name": "readings", "node": "in", "within": within}]}


def test_a_flow_starts_until_the_node_has_emitted_and_is_unhealthy_when_it_stops() -> None:
    definition = chain(node("in", "inject", interval="20s", once=False), node("out", "debug")) | _emitted()
    with Bench(definition) as bench:
        bench.run(19)
        assert bench.flow.health() == (Health.STARTING, ())
        bench.run(2)
        assert bench.flow.health() == (Health.HEALTHY, ())
        bench.run(40)
        assert bench.flow.health() == (Health.HEALTHY, ())
    assert bench.flow.grace_seconds == 30


def test_a_node_that_never_emits_in_time_is_named_by_its_check() -> None:
    definition = chain(node("in", "inject", interval="1h", once=False), node("out", "debug")) | _emitted()
    with Bench(definition) as bench:
        bench.run(30)
        assert bench.flow.health() == (Health.STARTING, ())
        bench.run(2)
        assert bench.errors() == {"check:readings": "Node in sent nothing for 30s."}


def test_a_node_that_emits_no_more_is_noticed() -> None:
    definition = chain(node("in", "inject"), node("out", "debug")) | _emitted("5s")
    with Bench(definition) as bench:
        bench.run(1)
        assert bench.flow.health() == (Health.HEALTHY, ())
        bench.run(7)
        assert bench.errors() == {"check:readings": "Node in sent nothing for 5s."}


@pytest.mark.slow
def test_an_address_that_answers_makes_the_flow_healthy_and_one_that_errs_unhealthy(site: Site, io: IoLoop) -> None:
    with Checked(io, {"type": "http", "url": site.address + "/", "interval": "1s"}) as checked:
        checked.until(Health.HEALTHY)
        site.answers["/"] = (503, b"")
        assert "answers with HTTP 503, not 200 to 399" in checked.until(Health.UNHEALTHY)
        site.answers["/"] = (204, b"")
        checked.until(Health.HEALTHY)


def test_within_its_grace_a_check_may_fail_and_the_flow_is_starting(site: Site, io: IoLoop) -> None:
    site.answers["/"] = (500, b"")
    with Checked(io, {"type": "http", "url": site.address + "/", "interval": "1s", "status": 200}) as checked:
        checked.until(Health.STARTING)
        site.answers["/"] = (200, b"")
        checked.until(Health.HEALTHY)


@pytest.mark.slow
def test_after_its_grace_a_check_that_never_passed_is_a_fault(io: IoLoop) -> None:
    check = {"type": "http", "url": "http://127.0.0.1:9/", "interval": "1s", "grace": "1s"}
    with Checked(io, check) as checked:
        checked.until_complaint("http://127.0.0.1:9/ does not answer: [Errno 111] Connection refused")


@pytest.mark.slow
def test_an_address_that_hangs_is_a_fault_at_every_look_from_the_grace_s_end_on(site: Site, io: IoLoop) -> None:
    site.silent.add("/")
    check = {"type": "http", "url": site.address + "/", "interval": "1s", "timeout": "1s", "grace": "1s"}
    with Checked(io, check) as checked:
        checked.until(Health.UNHEALTHY)
        failures = len(checked.flow.failures())
        wait_for(lambda: len(site.asked) > 3 or None, what="it was asked again and again", seconds=PATIENCE_SECONDS)
        assert len(checked.flow.failures()) == failures, "it was never anything else in between"
        site.silent.clear()
        checked.until(Health.HEALTHY)


def test_a_program_that_ends_with_0_passes(io: IoLoop) -> None:
    check = {"type": "command", "command": [PYTHON, "-c", "pass"], "interval": "1s"}
    with Checked(io, check, programs=frozenset({PYTHON})) as checked:
        checked.until(Health.HEALTHY)


@pytest.mark.slow
def test_a_program_that_fails_is_told_with_its_last_line(io: IoLoop) -> None:
    script = "import sys; print('looking'); sys.exit('the pump is dry')"
    check = {"type": "command", "command": [PYTHON, "-c", script], "interval": "1s", "grace": "1s"}
    with Checked(io, check, programs=frozenset({PYTHON})) as checked:
        checked.until_complaint(f"{PYTHON} ended with 1: the pump is dry")


@pytest.mark.slow
def test_a_program_that_hangs_is_ended_with_all_it_started(io: IoLoop, tmp_path: Path) -> None:
    told = tmp_path / "child"
    script = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"open({str(told)!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    check = {"type": "command", "command": [PYTHON, "-c", script], "interval": "1m", "timeout": "1s", "grace": "2s"}
    with Checked(io, check, programs=frozenset({PYTHON})) as checked:
        checked.until_complaint("The check took longer than 1 s.")
        child = Path("/proc") / told.read_text(encoding="ascii")
        wait_for(lambda: _has_ended(child) or None, what="its child has ended", seconds=PATIENCE_SECONDS)


def test_a_program_that_the_device_does_not_name_is_not_run(io: IoLoop, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    check = {"type": "command", "command": [PYTHON, "-c", f"open({str(mark)!r}, 'w')"]}
    with Checked(io, check) as checked:
        assert "health_check_programs" in checked.until(Health.UNHEALTHY)
    assert not mark.exists()


def _has_ended(process: Path) -> bool:
    try:
        return "\nState:\tZ" in (process / "status").read_text(encoding="ascii")
    except OSError:
        return True
