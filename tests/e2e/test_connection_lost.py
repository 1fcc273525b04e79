"""A version that cuts its device off, for real: the connection is reset while it runs, and nobody can help."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import edge_agent.agent
import edge_agent.config
from deployed.fleet import Fleet
from edge_agent.agent import Agent
from edge_agent.cloud.transport import MqttTransport
from edge_agent.jobs.ports import Offline
from localcloud.stack import Stack
from tests.support.faults import Once, environment
from tests.support.rollouts import GOOD, eventually, runs
from tests.support.wire import Wire

CUTS_OFF = 2
"""The version that does."""
SECONDS_BESIDE = 1.0
QUICK = {"keep_alive": 2, "reconnect_max": 1}
"""With these the device waits for 3 + 1 + 1 seconds; by its settings alone it could not be told to wait so little."""

pytestmark = pytest.mark.timeout(150)


class CutOff:
    """A device whose connection is gone while a version of a flow runs there."""

    def __init__(self, stack: Stack, folder: Path, wire: Wire) -> None:
        self.device_id = f"cut_off_{uuid4().hex[:8]}"
        fleet = Fleet(stack, folder)
        fleet.register([self.device_id])
        config = fleet.config(self.device_id).model_copy(update={"port": wire.port, **QUICK})
        device = self

        class AnswersAreLost(MqttTransport):
            def update(self, job_id: str, status: str, details: Mapping[str, str]) -> None:
                super().update(job_id, status, details)
                device.updated(status)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(edge_agent.agent, "MqttTransport", AnswersAreLost)
            self.agent = Agent(config, on_flows=self._flows_changed)
        self.flow_id = ""
        self.was_cut = False
        self.at_once = True
        """Whether the version cuts the device off as it starts, or when its success is taken, before the answer."""
        self._wire = wire

    @contextmanager
    def running(self) -> Iterator[None]:
        self.agent.start()
        try:
            yield
        finally:
            self.agent.stop()

    def _flows_changed(self, running: Mapping[str, int], _: Mapping[str, int]) -> None:
        if running.get(self.flow_id) != CUTS_OFF:
            self._wire.heal()
        elif self.at_once:
            self._cut()

    def updated(self, status: str) -> None:
        """Lose the answer to the success of the version that cuts the device off. Raises Offline."""
        if status == "SUCCEEDED" and self.agent.running().get(self.flow_id) == CUTS_OFF:
            self._cut()
            message = "the answer is lost"
            raise Offline(message)

    def _cut(self) -> None:
        self.was_cut = True
        self._wire.cut()


@pytest.fixture
def cut_off(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CutOff]:
    """The device, not running yet."""
    monkeypatch.setattr(edge_agent.config, "UNHEARD_SECONDS", SECONDS_BESIDE)
    with Wire(stack.mqtt_port) as wire:
        yield CutOff(stack, tmp_path, wire)


def test_a_version_that_cuts_its_device_off_is_given_back_there_and_rolled_back_everywhere(
    once: Once, fleet: Fleet, devices: list[str], cut_off: CutOff
) -> None:
    targets = [cut_off.device_id, *devices[1:4]]
    ended = canary_goes_back(once, cut_off, targets)
    assert f"{cut_off.device_id} failed as connection_lost: it ran well, but for 5 s" in ended["status_reason"]
    assert once.operator.targets(ended["id"])[cut_off.device_id]["reason"] == "connection_lost"
    assert runs(fleet, ended["flow_id"], targets[1:], 1)
    assert len(once.jobs(ended["id"], targets)[cut_off.device_id]) == 1, "it went back by itself, so no job was sent"


def test_a_success_that_was_taken_unheard_does_not_pass_for_one_when_the_device_went_back(
    once: Once, devices: list[str], cut_off: CutOff
) -> None:
    cut_off.at_once = False
    with environment(once.stack, "IngestReportsFunction", DROP_OFF_SECONDS="0"):  # or that would find it first
        ended = canary_goes_back(once, cut_off, [cut_off.device_id, *devices[1:4]])
    assert f"{cut_off.device_id} failed as went_back: it succeeded, and went back later" in ended["status_reason"]
    assert once.operator.targets(ended["id"])[cut_off.device_id]["reason"] == "went_back"


def canary_goes_back(once: Once, cut_off: CutOff, targets: list[str]) -> dict[str, Any]:
    """Deploy the version that cuts off to the first target as a canary; returns the deployment, rolled back."""
    operator = once.operator
    with cut_off.running():
        flow_id = cut_off.flow_id = operator.flow()
        assert operator.deploy(flow_id, targets, strategy="all_at_once")["status"] == "completed"
        operator.next_version(flow_id, GOOD | {"variables": [{"name": "colour", "type": "string", "value": "green"}]})
        deployment_id = operator.create(
            flow_id, targets, strategy="canary", canary_percentage=25, canary_delay="10m", timeout="10m"
        )
        operator.start(deployment_id)
        ended = operator.ended(deployment_id, seconds=80)
        eventually(lambda: cut_off.agent.job_id is None, seconds=10, what="the device has put its job away")
        assert cut_off.was_cut
        assert cut_off.agent.running() == {flow_id: 1}
    assert ended["status"] == "rolled_back", ended["status_reason"]
    statuses = operator.statuses(deployment_id)
    assert statuses == dict.fromkeys(targets[1:], "skipped") | {cut_off.device_id: "rolled_back"}
    once.recorded(ended, targets, version=1)
    once.nothing_given_up()
    return ended


def test_without_a_version_before_the_flow_is_removed(once: Once, cut_off: CutOff) -> None:
    operator = once.operator
    flow_id = cut_off.flow_id = operator.flow()
    assert operator.next_version(flow_id, GOOD) == CUTS_OFF
    with cut_off.running():
        ended = operator.deploy(flow_id, [cut_off.device_id], strategy="all_at_once", auto_rollback=False)
        eventually(lambda: cut_off.agent.job_id is None, seconds=10, what="the device has put its job away")
        assert cut_off.was_cut
        assert cut_off.agent.running() == {}
    assert ended["status"] == "failed", ended["status_reason"]
    target = operator.targets(ended["id"])[cut_off.device_id]
    assert (target["status"], target["reason"]) == ("failed", "connection_lost")
    once.recorded(ended, [cut_off.device_id], version=None)
