"""A device that drops off after it succeeded, for real: its agent is killed while the others wait."""

import time
from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from localcloud.stack import Stack
from tests.support.agent_program import AgentProgram, kill
from tests.support.rollouts import GOOD, Operator, eventually, runs

pytestmark = pytest.mark.timeout(180)  # its waits have deadlines of their own, which are longer than a minute


@pytest.fixture
def canary(stack: Stack, tmp_path: Path) -> AgentProgram:
    """The program of a device of its own, not running yet."""
    device = f"canary_{uuid4().hex[:8]}"
    fleet = Fleet(stack, tmp_path)
    fleet.register([device])
    return AgentProgram.of(fleet.config(device), tmp_path / "agent.toml")


def canary_succeeded(operator: Operator, targets: list[str], *, delay: str) -> str:
    """Start a canary deployment of version 2, and wait until the canary, the first target, has succeeded."""
    flow_id = operator.flow()
    assert operator.deploy(flow_id, targets, strategy="all_at_once")["status"] == "completed"
    operator.next_version(flow_id, GOOD | {"variables": [{"name": "colour", "type": "string", "value": "green"}]})
    deployment_id = operator.create(flow_id, targets, strategy="canary", canary_percentage=25, canary_delay=delay)
    operator.start(deployment_id)
    eventually(
        lambda: operator.statuses(deployment_id)[targets[0]] == "success", seconds=40, what="the canary has succeeded"
    )
    return deployment_id


def test_a_canary_that_drops_off_in_a_wait_of_minutes_is_rolled_back_within_seconds(
    operator: Operator, fleet: Fleet, devices: list[str], canary: AgentProgram
) -> None:
    others = devices[1:4]
    with canary.running() as process:
        deployment_id = canary_succeeded(operator, [canary.device_id, *others], delay="10m")
        kill(process)
    gone = time.monotonic()
    operator.until(deployment_id, {"rolling_back"}, seconds=40)
    assert time.monotonic() - gone < 40, "the delay is ten minutes"
    assert operator.targets(deployment_id)[canary.device_id]["reason"] == "dropped_off"
    with canary.running():
        ended = operator.ended(deployment_id)
    assert ended["status"] == "rolled_back", ended["status_reason"]
    told = operator.targets(deployment_id)
    assert (told[canary.device_id]["status"], told[canary.device_id]["reason"]) == ("rolled_back", "dropped_off")
    assert {told[device]["status"] for device in others} == {"skipped"}
    assert runs(fleet, ended["flow_id"], others, 1)
    assert canary.state().flows[ended["flow_id"]].version == 1


def test_a_canary_that_is_back_in_time_goes_on(operator: Operator, devices: list[str], canary: AgentProgram) -> None:
    with canary.running() as process:
        deployment_id = canary_succeeded(operator, [canary.device_id, *devices[1:4]], delay="30s")
        kill(process)
    with canary.running():
        ended = operator.ended(deployment_id)
    assert ended["status"] == "completed", ended["status_reason"]
