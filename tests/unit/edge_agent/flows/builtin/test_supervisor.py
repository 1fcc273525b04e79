"""The flows of a device, on the real runtime: what is asked for runs, and what cannot run is unhealthy, not a crash."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.builtin.context import FlowContext
from edgeflow.contract.flow import Connection, Definition, FlowArtifact, Node
from edgeflow.contract.report import Health, Slot
from tests.support.in_process import InProcessSupervisor
from tests.support.waiting import wait_for
from tests.unit.edge_agent.device import FLOW, NOON, sha256_of

HEALTHY = Node(id="n1", type="debug")
NEEDS_DHT11 = Node(id="n1", type="dht", config={"model": "DHT11"})
UNKNOWN = Node(id="n1", type="teleport")


class Bench:
    """A supervisor with its store; ``changes`` counts what it told of."""

    def __init__(self, directory: Path) -> None:
        """Keep artifacts in this folder."""
        self.directory = directory
        self.store = ArtifactStore(directory)
        self.changes = 0
        self.supervisor = InProcessSupervisor(self.store, self._surroundings, on_change=self._changed)

    def live(self, *nodes: Node, version: int = 1) -> InstalledVersion:
        """Keep an artifact; returns it as the live version of some flow."""
        content = FlowArtifact(definition=Definition(nodes=nodes)).canonical_bytes()
        self.store.put(sha256_of(content), content)
        return InstalledVersion(version=version, sha256=sha256_of(content), since=NOON)

    def health(self, flow_id: str = FLOW) -> Health:
        """Wait until the flow has started; returns how it is."""

        def settled() -> Health | None:
            health, _ = self.supervisor.health(flow_id)
            return None if health is Health.STARTING else health

        return wait_for(settled, what="the flow has started")

    def _changed(self) -> None:
        self.changes += 1

    def _surroundings(self, flow_id: str) -> FlowContext:
        return FlowContext(
            device_id="dev_001", flow_id=flow_id, hardware={"dht_model": "DHT22"}, publish=lambda *_, **__: None
        )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench that is cleared afterwards: no flow's thread is left."""
    before = set(threading.enumerate())  # other tests' devices may run in this process
    made = Bench(tmp_path)
    yield made
    made.supervisor.stop()
    begun = set(threading.enumerate()) - before
    assert [thread.name for thread in begun if thread.name.startswith("flow-")] == []


def test_what_ran_before_is_brought_up(bench: Bench) -> None:
    bench.supervisor.bring_up({FLOW: Slots(bench.live(HEALTHY)), "flow_2": Slots(bench.live(HEALTHY, version=7))})
    assert bench.supervisor.running() == {FLOW: 1, "flow_2": 7}
    assert (bench.health(), bench.health("flow_2")) == (Health.HEALTHY, Health.HEALTHY)
    assert bench.changes >= 2


def test_a_version_takes_the_place_of_the_one_before(bench: Bench) -> None:
    bench.supervisor.arrange(FLOW, Slots(bench.live(HEALTHY)))
    bench.supervisor.arrange(FLOW, Slots(bench.live(NEEDS_DHT11, version=2)))
    assert bench.supervisor.running() == {FLOW: 2}
    assert bench.health() is Health.UNHEALTHY
    assert [node.node_id for node in bench.supervisor.failures(FLOW)] == ["n1"]
    assert [thread.name for thread in threading.enumerate()].count(f"flow-{FLOW}") == 1
    bench.supervisor.arrange(FLOW, Slots(bench.live(HEALTHY)))
    assert bench.health() is Health.HEALTHY
    assert bench.supervisor.failures(FLOW) == (), "failures are those since this start"


def test_a_flow_is_removed(bench: Bench) -> None:
    bench.supervisor.arrange(FLOW, Slots(bench.live(HEALTHY)))
    bench.supervisor.arrange(FLOW, Slots())
    bench.supervisor.arrange(FLOW, Slots())
    assert bench.supervisor.running() == {}
    assert bench.supervisor.health(FLOW) == (Health.UNHEALTHY, ())
    assert bench.supervisor.failures(FLOW) == ()
    assert bench.supervisor.report() == ()


def test_a_damaged_artifact_is_an_unhealthy_flow_and_leaves_the_others_alone(bench: Bench) -> None:
    damaged = bench.live(HEALTHY, version=3)
    (bench.directory / "artifacts" / f"{damaged.sha256}.json").write_bytes(b"{}")
    well = bench.live(HEALTHY, Node(id="n2", type="debug"))
    bench.supervisor.bring_up({FLOW: Slots(damaged), "flow_2": Slots(well)})
    assert bench.supervisor.running() == {"flow_2": 1}, "what does not run is not said to run"
    assert bench.health("flow_2") is Health.HEALTHY
    told = {flow.flow_id: flow for flow in bench.supervisor.report()}
    assert (told[FLOW].version, told[FLOW].health) == (3, Health.UNHEALTHY)
    assert (told[FLOW].running, told["flow_2"].running) == (False, True)
    assert "damaged" in told[FLOW].nodes[0].error
    assert told["flow_2"].nodes == ()


@pytest.mark.parametrize("content", [b"[]", b'{"schema": "edgeflow.flow/9"}'])
def test_an_artifact_that_is_no_flow_is_an_unhealthy_flow(bench: Bench, content: bytes) -> None:
    bench.store.put(sha256_of(content), content)
    bench.supervisor.arrange(FLOW, Slots(InstalledVersion(version=1, sha256=sha256_of(content), since=NOON)))
    health, nodes = bench.supervisor.health(FLOW)
    assert (health, len(nodes)) == (Health.UNHEALTHY, 1)


def test_a_node_type_that_an_older_agent_lacks_is_an_unhealthy_flow(bench: Bench) -> None:
    bench.supervisor.arrange(FLOW, Slots(bench.live(UNKNOWN)))
    health, nodes = bench.supervisor.health(FLOW)
    assert health is Health.UNHEALTHY
    assert "teleport" in nodes[0].error
    assert bench.supervisor.running() == {}


SAYS_IT = (
    Node(id="in", type="inject", config={"payload": 1, "interval": "1s"}),
    Node(id="out", type="mqtt_out"),
)


class Heard:
    """What flows publish, by the version that a flow's topic is said to be of."""

    def __init__(self, directory: Path) -> None:
        """Keep artifacts in this folder."""
        self.store = ArtifactStore(directory)
        self.topics: list[str] = []
        self.supervisor = InProcessSupervisor(self.store, self._surroundings, on_change=lambda: None)

    def version(self, number: int, slot: Slot) -> InstalledVersion:
        """Keep an artifact that publishes each second under its version's number."""
        nodes = (SAYS_IT[0], SAYS_IT[1].model_copy(update={"config": {"topic": f"v{number}"}}))
        artifact = FlowArtifact(
            definition=Definition(nodes=nodes, connections=(Connection(source="in", target="out"),))
        )
        content = artifact.canonical_bytes()
        self.store.put(sha256_of(content), content)
        return InstalledVersion(version=number, sha256=sha256_of(content), since=NOON, slot=slot)

    def wait_for(self, number: int) -> None:
        """Wait until this version is heard after now."""
        already = len(self.topics)
        topic = f"edgeflow/devices/dev_001/out/v{number}"
        wait_for(lambda: topic in self.topics[already:] or None, what=f"version {number} is heard")

    def _surroundings(self, flow_id: str) -> FlowContext:
        return FlowContext(
            device_id="dev_001", flow_id=flow_id, hardware={}, publish=lambda topic, *_, **__: self.topics.append(topic)
        )


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    """A supervisor whose flows publish."""
    made = Heard(tmp_path)
    yield made
    made.supervisor.stop()


@pytest.mark.slow
def test_just_the_live_version_is_heard_and_a_switch_restarts_neither(heard: Heard) -> None:
    blue, green = heard.version(1, Slot.BLUE), heard.version(2, Slot.GREEN)
    heard.supervisor.arrange(FLOW, Slots(blue))
    heard.wait_for(1)
    heard.supervisor.arrange(FLOW, Slots(blue, green))
    wait_for(
        lambda: heard.supervisor.health(FLOW, standby=True)[0] is Health.HEALTHY or None, what="version 2 stands by"
    )
    heard.wait_for(1)
    assert not [topic for topic in heard.topics if topic.endswith("v2")], "who stands by is not heard"
    threads = {thread.ident for thread in threading.enumerate() if thread.name == f"flow-{FLOW}"}
    assert len(threads) == 2
    heard.supervisor.arrange(FLOW, Slots(green, blue))
    heard.wait_for(2)
    heard.wait_for(2)
    switched = next(place for place, topic in enumerate(heard.topics) if topic.endswith("v2"))
    assert {topic[-2:] for topic in heard.topics[:switched]} == {"v1"}
    assert {topic[-2:] for topic in heard.topics[switched:]} == {"v2"}
    assert {thread.ident for thread in threading.enumerate() if thread.name == f"flow-{FLOW}"} == threads
    told = [(flow.version, flow.slot, flow.live) for flow in heard.supervisor.report()]
    assert told == [(1, Slot.BLUE, False), (2, Slot.GREEN, True)]
    assert (heard.supervisor.running(), heard.supervisor.running(standby=True)) == ({FLOW: 2}, {FLOW: 1})


@pytest.mark.slow
def test_what_only_stands_by_is_not_said_to_run(heard: Heard) -> None:
    heard.supervisor.arrange(FLOW, Slots(None, heard.version(1, Slot.BLUE)))
    assert (heard.supervisor.running(), heard.supervisor.running(standby=True)) == ({}, {FLOW: 1})
    assert heard.supervisor.health(FLOW) == (Health.UNHEALTHY, ())
    heard.supervisor.arrange(FLOW, Slots(heard.version(1, Slot.BLUE)))
    heard.wait_for(1)


def test_a_live_versions_first_word_is_heard(heard: Heard) -> None:
    once = SAYS_IT[0].model_copy(update={"config": {"payload": 1, "interval": "1h"}})
    artifact = FlowArtifact(
        definition=Definition(nodes=(once, SAYS_IT[1]), connections=(Connection(source="in", target="out"),))
    )
    content = artifact.canonical_bytes()
    heard.store.put(sha256_of(content), content)
    heard.supervisor.arrange(FLOW, Slots(InstalledVersion(version=1, sha256=sha256_of(content), since=NOON)))
    wait_for(lambda: heard.topics or None, what="it is heard")
