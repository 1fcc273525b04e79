"""A canary whose agent falls silent, for real: its connection is alive, and it says nothing any more."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from localcloud.stack import Stack
from tests.support.agent_program import AgentProgram
from tests.support.rollouts import GOOD, Operator, eventually, runs

SHORTER_THAN_THREE_REPORTS = "24s"
"""The local stack wants a report every 10 s, as often as a device can report."""

pytestmark = pytest.mark.timeout(180)  # its waits have deadlines of their own, which are longer than a minute


@pytest.fixture
def canary(stack: Stack, tmp_path: Path) -> AgentProgram:
    """The program of a device of its own, not running yet."""
    device = f"silent_{uuid4().hex[:8]}"
    fleet = Fleet(stack, tmp_path)
    fleet.register([device])
    return AgentProgram.of(fleet.config(device), tmp_path / "agent.toml")


@contextmanager
def halted(process: subprocess.Popen[str]) -> Iterator[None]:
    """Let the program do nothing; its socket stays open, and the broker waits for 90 s before it takes it for gone."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def test_a_canary_that_falls_silent_while_connected_is_not_promoted(
    operator: Operator, fleet: Fleet, devices: list[str], canary: AgentProgram
) -> None:
    others = devices[1:4]
    targets = [canary.device_id, *others]
    flow_id = operator.flow()
    with canary.running() as process:
        assert operator.deploy(flow_id, targets, strategy="all_at_once")["status"] == "completed"
        operator.next_version(flow_id, GOOD | {"variables": [{"name": "colour", "type": "string", "value": "green"}]})
        deployment_id = operator.create(
            flow_id, targets, strategy="canary", canary_percentage=25, canary_delay=SHORTER_THAN_THREE_REPORTS
        )
        operator.start(deployment_id)
        eventually(
            lambda: operator.statuses(deployment_id)[canary.device_id] == "success",
            seconds=40,
            what="the canary has succeeded",
        )
        with halted(process):
            operator.until(deployment_id, {"rolling_back"}, seconds=80)
        ended = operator.ended(deployment_id, seconds=80)
    assert ended["status"] == "rolled_back", ended["status_reason"]
    assert f"{canary.device_id} failed as silent: it succeeded, and fell silent" in ended["status_reason"]
    told = operator.targets(deployment_id)
    assert (told[canary.device_id]["status"], told[canary.device_id]["reason"]) == ("rolled_back", "silent")
    assert {told[device]["status"] for device in others} == {"skipped"}
    assert runs(fleet, flow_id, others, 1)
    assert canary.state().flows[flow_id].version == 1
