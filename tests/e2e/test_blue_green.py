"""Blue-green, for real: beside the live version first, then the switch; and the way back, which is a switch too."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from edge_agent.jobs.download import Downloader
from edgeflow.contract.job import Artifact
from localcloud.stack import Stack
from tests.support.rollouts import FALLS_ILL, GOOD, NEEDS_DHT11, Operator, eventually, runs, states_entered

ANOTHER = GOOD | {"variables": [{"name": "colour", "type": "string", "value": "green"}]}


def of_its_own() -> dict[str, Any]:
    """Return a definition that no device has kept by its hash."""
    return GOOD | {"variables": [{"name": "colour", "type": "string", "value": uuid4().hex}]}


def stands_by(fleet: Fleet, flow_id: str, devices: list[str], version: int | None) -> bool:
    """Ask the devices themselves."""
    standing_by = fleet.standing_by(flow_id)
    return all(standing_by.get(device) == version for device in devices)


def with_version_1(operator: Operator, devices: list[str]) -> str:
    """Let the devices run the first version of a flow; returns its id."""
    flow_id = operator.flow(GOOD)
    assert operator.deploy(flow_id, devices, strategy="all_at_once")["status"] == "completed"
    return flow_id


def slots(operator: Operator, device: str, flow_id: str) -> dict[str, tuple[int, bool]]:
    """Return version and liveness of each slot of a flow, as the API shows them."""
    flows = operator.rest.call("GET", f"/devices/{device}")["flows"]
    return {flow["slot"]: (flow["version"], flow["live"]) for flow in flows if flow["flow_id"] == flow_id}


def test_the_new_version_is_staged_beside_the_live_one_then_switched_to_and_back(
    stack: Stack, operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    few = devices[1:4]
    flow_id = with_version_1(operator, few)
    operator.next_version(flow_id, ANOTHER)
    deployment_id = operator.create(flow_id, few, strategy="blue-green", switch_delay="3s")
    operator.start(deployment_id)
    eventually(lambda: set(operator.statuses(deployment_id).values()) == {"staged"}, seconds=40, what="all are staged")
    assert runs(fleet, flow_id, few, 1)
    assert stands_by(fleet, flow_id, few, 2)
    ended = operator.ended(deployment_id)
    assert ended["status"] == "completed", ended["status_reason"]
    assert (ended["target_counts"]["success"], ended["target_counts"]["staged"]) == (3, 0)
    assert runs(fleet, flow_id, few, 2)
    assert stands_by(fleet, flow_id, few, 1), "the old version stays warm"
    story = states_entered(stack, ended["execution"]["arn"])
    assert [story.count(name) for name in ("Stage", "WaitSwitchDelay", "DelayOver", "Switch")] == [1] * 4
    eventually(
        lambda: slots(operator, few[0], flow_id) == {"blue": (1, False), "green": (2, True)},
        seconds=20,
        what="the API shows both slots",
    )
    operator.rollback(deployment_id)
    returned = operator.ended(deployment_id)
    assert returned["status"] == "rolled_back", returned["status_reason"]
    assert runs(fleet, flow_id, few, 1)
    assert stands_by(fleet, flow_id, few, None), "what is withdrawn does not run at all"


def test_the_way_back_after_a_switch_downloads_nothing_and_is_shorter_than_a_full_deploy(
    operator: Operator, fleet: Fleet, devices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = devices[1:4]
    downloads: list[str] = []
    original = Downloader.__call__

    def counting(self: Downloader, artifact: Artifact, still_wanted: Callable[[], None]) -> bytes:
        downloads.append(artifact.sha256)
        return original(self, artifact, still_wanted)

    monkeypatch.setattr(Downloader, "__call__", counting)
    flow_id = with_version_1(operator, few)
    downloads.clear()
    operator.next_version(flow_id, of_its_own())
    started = time.monotonic()
    assert operator.deploy(flow_id, few, strategy="all_at_once")["status"] == "completed"
    full_deploy = time.monotonic() - started
    operator.next_version(flow_id, of_its_own())
    ended = operator.deploy(flow_id, few, strategy="blue_green", switch_delay="0s")
    assert ended["status"] == "completed", ended["status_reason"]
    assert len(downloads) == 2 * len(few), "each device has downloaded both versions, each once"
    started = time.monotonic()
    operator.rollback(ended["id"])
    assert operator.ended(ended["id"])["status"] == "rolled_back"
    way_back = time.monotonic() - started
    assert runs(fleet, flow_id, few, 2)
    assert len(downloads) == 2 * len(few), "the way back downloads nothing"
    assert way_back < full_deploy, f"{way_back:.1f} s back, {full_deploy:.1f} s for a full deploy"


def test_one_device_that_is_not_well_with_the_staged_version_returns_all_before_any_switch(
    operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    few = devices[:4]  # the first has another sensor
    flow_id = with_version_1(operator, few)
    operator.next_version(flow_id, NEEDS_DHT11)
    ended = operator.deploy(flow_id, few, strategy="blue_green", switch_delay="10m")
    assert ended["status"] == "rolled_back", ended["status_reason"]
    targets = operator.targets(ended["id"])
    assert (targets[few[0]]["status"], targets[few[0]]["reason"]) == ("rolled_back", "unhealthy")
    assert {target["wave"] for target in targets.values()} == {1}
    assert runs(fleet, flow_id, few, 1)
    assert stands_by(fleet, flow_id, few, None)


def test_a_staged_version_that_falls_ill_in_the_switch_delay_ends_it_within_seconds(
    operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    few = devices[1:3]
    flow_id = with_version_1(operator, few)
    operator.next_version(flow_id, FALLS_ILL)
    deployment_id = operator.create(flow_id, few, strategy="blue_green", switch_delay="10m")
    operator.start(deployment_id)
    eventually(lambda: "staged" in operator.statuses(deployment_id).values(), seconds=30, what="a device has staged it")
    staged = time.monotonic()
    ended = operator.ended(deployment_id, seconds=40)
    assert ended["status"] == "rolled_back", ended["status_reason"]
    assert time.monotonic() - staged < 30, "the delay is ten minutes"
    assert set(operator.statuses(deployment_id).values()) == {"rolled_back"}
    assert runs(fleet, flow_id, few, 1)
    assert stands_by(fleet, flow_id, few, None)


def test_a_first_version_goes_live_by_the_switch_and_is_removed_by_a_rollback(
    operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow()
    ended = operator.deploy(flow_id, devices[1:3], strategy="blue_green", switch_delay="0s")
    assert ended["status"] == "completed", ended["status_reason"]
    assert runs(fleet, flow_id, devices[1:3], 1)
    operator.rollback(ended["id"])
    assert operator.ended(ended["id"])["status"] == "rolled_back"
    assert runs(fleet, flow_id, devices[1:3], None)
