"""Versions that harm the process they run in, rolled out for real: each goes back, and the cause is told."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from localcloud.stack import Stack
from tests.support.agent_program import AgentProgram
from tests.support.doublings import COMPARED, PUBLISHED
from tests.support.ill_nodes import as_package
from tests.support.rollouts import Operator, eventually
from tests.support.site import serving

ENDS_SECONDS = 90
WELL = {"nodes": [{"id": "n", "type": "debug"}]}
CAUSES = {
    "hog": "used more than 32 MiB",
    "hang": "gave no sign of life for 5 s",
    "exit": "ended by itself, with exit code 7",
    "crash": "was ended by SIGSEGV",
}


def _asking(address: str) -> dict[str, object]:
    """Return a flow that asks a service each second, and waits a second for what it answers."""
    return {
        "nodes": [
            {"id": "in", "type": "inject", "config": {"interval": "1s"}},
            {"id": "ask", "type": "http_request", "config": {"url": address, "timeout": "1s"}},
        ],
        "connections": [{"source": "in", "target": "ask"}],
    }


def _ill(does: str, *, after: float = 0) -> dict[str, object]:
    return {"nodes": [{"id": "n", "type": "ill", "config": {"does": does, "after": after}}]}


@pytest.fixture(scope="module")
def devices(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Two devices with the ill nodes, whose agents run."""
    folder = Path(tmp_path_factory.mktemp("ill"))
    environment = as_package(folder / "packages")
    fleet = Fleet(stack, folder)
    names = [f"ill_{uuid4().hex[:8]}" for _ in range(2)]
    fleet.register(names)
    with ExitStack() as running:
        for name in names:
            program = AgentProgram.of(fleet.config(name), folder / f"{name}.toml")
            with program.settings.open("a", encoding="utf-8") as file:
                file.write("\nworker_memory = 33554432\nworker_silence = 5\nallow_loopback = true\n")
            running.enter_context(program.running(environment))
        yield names


@pytest.mark.parametrize("does", CAUSES)
def test_a_version_that_harms_its_process_is_reverted_and_the_cause_is_told(
    operator: Operator, devices: list[str], does: str
) -> None:
    device = devices[0]
    flow_id = operator.flow(WELL)
    assert operator.deploy(flow_id, [device], strategy="all_at_once")["status"] == "completed"
    operator.next_version(flow_id, _ill(does))
    deployment_id = operator.create(flow_id, [device], strategy="all_at_once")
    operator.start(deployment_id)
    ended = operator.ended(deployment_id, seconds=ENDS_SECONDS)
    assert ended["status"] == "rolled_back", ended["status_reason"]
    assert f"{device} failed as crash_loop" in ended["status_reason"]
    assert CAUSES[does] in ended["status_reason"]
    target = operator.targets(deployment_id)[device]
    assert (target["status"], target["reason"]) == ("rolled_back", "crash_loop")
    assert CAUSES[does] in target["message"]


@pytest.mark.parametrize("does", ["exit", "hog"])
def test_a_canary_that_turns_bad_after_its_window_returns_and_the_cause_is_told(
    operator: Operator, devices: list[str], does: str
) -> None:
    flow_id = operator.flow(WELL)
    assert operator.deploy(flow_id, devices, strategy="all_at_once")["status"] == "completed"
    operator.next_version(flow_id, _ill(does, after=15))
    deployment_id = operator.create(flow_id, devices, strategy="canary", canary_percentage=50, canary_delay="10m")
    operator.start(deployment_id)
    canary, other = devices
    eventually(lambda: operator.statuses(deployment_id)[canary] == "success", seconds=60, what="it was well at first")
    ended = operator.ended(deployment_id, seconds=ENDS_SECONDS)
    assert ended["status"] == "rolled_back", ended["status_reason"]
    assert f"{canary} failed as crash_loop" in ended["status_reason"]
    assert CAUSES[does] in ended["status_reason"]
    targets = operator.targets(deployment_id)
    assert (targets[canary]["status"], targets[canary]["reason"]) == ("rolled_back", "crash_loop")
    assert CAUSES[does] in targets[canary]["message"]
    assert targets[other]["status"] == "skipped"


@pytest.mark.parametrize("definition", [PUBLISHED, COMPARED], ids=["published", "compared"])
def test_a_payload_that_doubles_sixty_times_is_no_success(
    operator: Operator, devices: list[str], definition: dict[str, object]
) -> None:
    device = devices[0]
    flow_id = operator.flow(WELL)
    assert operator.deploy(flow_id, [device], strategy="all_at_once")["status"] == "completed"
    operator.next_version(flow_id, definition)
    ended = operator.deploy(flow_id, [device], strategy="all_at_once")
    assert ended["status"] == "rolled_back", ended["status_reason"]
    assert "first: " in ended["status_reason"]
    assert "message_limit" in operator.targets(str(ended["id"]))[device]["message"]


@pytest.mark.parametrize("first", ["hangs", "is well"])
def test_a_canary_whose_service_hangs_returns_and_the_cause_is_told(
    operator: Operator, devices: list[str], first: str
) -> None:
    canary, other = devices
    flow_id = operator.flow(WELL)
    assert operator.deploy(flow_id, devices, strategy="all_at_once")["status"] == "completed"
    with serving() as site:
        if first == "hangs":
            site.silent.add("/")
        operator.next_version(flow_id, _asking(f"{site.address}/"))
        deployment_id = operator.create(flow_id, devices, strategy="canary", canary_percentage=50, canary_delay="10m")
        operator.start(deployment_id)
        if first == "is well":
            eventually(
                lambda: operator.statuses(deployment_id)[canary] == "success", seconds=60, what="it was well at first"
            )
            site.silent.add("/")
        ended = operator.ended(deployment_id, seconds=ENDS_SECONDS)
    assert ended["status"] == "rolled_back", ended["status_reason"]
    assert f"{canary} failed as unhealthy" in ended["status_reason"]
    assert "got no whole answer within 1 s" in ended["status_reason"]
    targets = operator.targets(deployment_id)
    assert (targets[canary]["status"], targets[canary]["reason"]) == ("rolled_back", "unhealthy")
    assert targets[other]["status"] == "skipped"
