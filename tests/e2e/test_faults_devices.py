"""Faults of devices: the agent is killed in the middle of its job, and its MQTT connection is cut."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from localcloud.edge import Edge
from localcloud.edge_rules import Hold, of
from localcloud.stack import Stack
from tests.support.agent_program import AgentProgram, kill
from tests.support.faults import Once
from tests.support.rollouts import eventually
from tests.support.waiting import wait_for
from tests.support.wire import Wire

GET_OBJECT = "s3:GetObject"
AT_WORK_SECONDS = 30

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def wire(stack: Stack) -> Iterator[Wire]:
    """What is between the device and the broker."""
    with Wire(stack.mqtt_port) as wire:
        yield wire


@pytest.fixture
def edge(stack: Stack) -> Iterator[Edge]:
    """What is between the device and the artifacts."""
    with Edge(stack.endpoint_url) as edge:
        yield edge


@pytest.fixture
def agent(stack: Stack, wire: Wire, tmp_path: Path) -> AgentProgram:
    """The program of a device that has just been registered, not running yet; it reaches the broker by the wire."""
    device = f"faulty_{uuid4().hex[:8]}"
    fleet = Fleet(stack, tmp_path)
    fleet.register([device])
    config = fleet.config(device).model_copy(update={"port": wire.port})
    return AgentProgram.of(config, tmp_path / "agent.toml")


@pytest.fixture
def by_edge(edge: Edge) -> dict[str, str]:
    """Variables that let the program download by way of the edge."""
    return {"http_proxy": edge.url, "no_proxy": "", "NO_PROXY": ""}


def cut_for_a_moment(wire: Wire) -> None:
    """Cut the connection, and wait until the device has made another."""
    before = wire.connections
    wire.cut()
    wire.heal()
    eventually(lambda: wire.connections > before, seconds=AT_WORK_SECONDS, what="the device connects again")


def runs_version(agent: AgentProgram, flow_id: str, version: int) -> None:
    """Check that the device runs this version, and has no job left."""
    eventually(lambda: agent.state().job is None, seconds=10, what="the device has put its job away")
    assert agent.status()["flows"][flow_id]["version"] == version


def test_an_agent_killed_while_it_downloads_begins_the_download_anew(
    edge: Edge, once: Once, agent: AgentProgram, by_edge: dict[str, str]
) -> None:
    flow_id, few = once.operator.flow(), [agent.device_id]
    deployment_id = once.operator.create(flow_id, few, strategy="all_at_once")
    download = Hold(of(GET_OBJECT))
    with edge.under(download), agent.running(by_edge) as process:
        once.operator.start(deployment_id)
        eventually(lambda: download.treated == 1, seconds=AT_WORK_SECONDS, what="the device downloads")
        assert agent.job_at(activated=False) is not None
        kill(process)
        download.release()
    assert once.operator.statuses(deployment_id) == dict.fromkeys(few, "deploying")
    assert agent.state().flows == {}
    with agent.running(by_edge):
        once.all_succeeded(deployment_id, few)
        runs_version(agent, flow_id, 1)
        once.next_one_starts(flow_id, few)
    assert len(edge.calls(GET_OBJECT)) == 2, "what is kept by its hash is not fetched again"


def test_an_agent_killed_while_the_new_version_is_watched_activates_it_once(once: Once, agent: AgentProgram) -> None:
    flow_id, few = once.operator.flow(), [agent.device_id]
    deployment_id = once.operator.create(flow_id, few, strategy="all_at_once")
    with agent.running() as process:
        once.operator.start(deployment_id)
        wait_for(lambda: agent.job_at(activated=True), what="the new version is watched", seconds=AT_WORK_SECONDS)
        kill(process)
    activated = agent.state().flows[flow_id]
    assert once.operator.statuses(deployment_id) == dict.fromkeys(few, "deploying")
    with agent.running():
        once.all_succeeded(deployment_id, few)
        runs_version(agent, flow_id, 1)
    assert agent.state().flows[flow_id] == activated


def test_an_agent_killed_before_it_could_tell_how_its_job_ended_tells_it_after_its_restart(
    wire: Wire, once: Once, agent: AgentProgram
) -> None:
    flow_id, few = once.operator.flow(), [agent.device_id]
    deployment_id = once.operator.create(flow_id, few, strategy="all_at_once")
    with agent.running() as process:
        once.operator.start(deployment_id)
        wait_for(lambda: agent.job_at(activated=True), what="the new version is watched", seconds=AT_WORK_SECONDS)
        wire.cut()
        ended = wait_for(lambda: agent.job_at(activated=True, ended=True), what="the job has ended, untold")
        kill(process)
    wire.heal()
    activated = agent.state().flows[flow_id]
    with agent.running():
        done = once.all_succeeded(deployment_id, few)
        runs_version(agent, flow_id, 1)
    assert agent.state().flows[flow_id] == activated
    assert ended.job_id.startswith(done["id"])


def test_a_connection_cut_while_the_device_downloads_does_not_stop_its_job(
    wire: Wire, edge: Edge, once: Once, agent: AgentProgram, by_edge: dict[str, str]
) -> None:
    flow_id, few = once.operator.flow(), [agent.device_id]
    deployment_id = once.operator.create(flow_id, few, strategy="all_at_once")
    download = Hold(of(GET_OBJECT))
    with edge.under(download), agent.running(by_edge):
        once.operator.start(deployment_id)
        eventually(lambda: download.treated == 1, seconds=AT_WORK_SECONDS, what="the device downloads")
        wire.cut()
        download.release()
        wait_for(lambda: agent.job_at(activated=True), what="the new version is watched, offline")
        assert once.operator.statuses(deployment_id) == dict.fromkeys(few, "deploying")
        wire.heal()
        once.all_succeeded(deployment_id, few)
        runs_version(agent, flow_id, 1)


def test_a_connection_cut_again_and_again_delivers_one_job_and_one_report(
    wire: Wire, edge: Edge, once: Once, agent: AgentProgram, by_edge: dict[str, str]
) -> None:
    flow_id, few = once.operator.flow(), [agent.device_id]
    deployment_id = once.operator.create(flow_id, few, strategy="all_at_once")
    download = Hold(of(GET_OBJECT))
    with edge.under(download), agent.running(by_edge):
        once.operator.start(deployment_id)
        eventually(lambda: download.treated == 1, seconds=AT_WORK_SECONDS, what="the device downloads")
        cut_for_a_moment(wire)
        cut_for_a_moment(wire)
        download.release()
        wait_for(lambda: agent.job_at(activated=True), what="the new version is watched")
        cut_for_a_moment(wire)
        once.all_succeeded(deployment_id, few)
        runs_version(agent, flow_id, 1)
