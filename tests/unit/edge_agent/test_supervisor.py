"""The flows of a device, on the real runtime: what is asked for runs, and what cannot run is unhealthy, not a crash."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.runtime.flow import FlowContext
from edge_agent.state import LiveFlow
from edge_agent.store import ArtifactStore
from edge_agent.supervisor import Supervisor
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from edgeflow.contract.report import Health
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
        self.supervisor = Supervisor(self.store, self._surroundings, on_change=self._changed)

    def live(self, *nodes: Node, version: int = 1) -> LiveFlow:
        """Keep an artifact; returns it as the live version of some flow."""
        content = FlowArtifact(definition=Definition(nodes=nodes)).canonical_bytes()
        self.store.put(sha256_of(content), content)
        return LiveFlow(version=version, sha256=sha256_of(content), since=NOON)

    def health(self, flow_id: str = FLOW) -> Health:
        """Wait until the flow has started; returns how it is."""

        def settled() -> Health | None:
            health, _ = self.supervisor.health(flow_id)
            return None if health is Health.STARTING else health

        return wait_for(settled, what="the flow has started", seconds=10)

    def _changed(self) -> None:
        self.changes += 1

    def _surroundings(self, flow_id: str) -> FlowContext:
        return FlowContext(
            device_id="dev_001", flow_id=flow_id, hardware={"dht_model": "DHT22"}, publish=lambda *_: None
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
    bench.supervisor.bring_up({FLOW: bench.live(HEALTHY), "flow_2": bench.live(HEALTHY, version=7)})
    assert bench.supervisor.running() == {FLOW: 1, "flow_2": 7}
    assert (bench.health(), bench.health("flow_2")) == (Health.HEALTHY, Health.HEALTHY)
    assert bench.changes >= 2


def test_a_version_takes_the_place_of_the_one_before(bench: Bench) -> None:
    bench.supervisor.replace(FLOW, bench.live(HEALTHY))
    bench.supervisor.replace(FLOW, bench.live(NEEDS_DHT11, version=2))
    assert bench.supervisor.running() == {FLOW: 2}
    assert bench.health() is Health.UNHEALTHY
    assert [node.node_id for node in bench.supervisor.failures(FLOW)] == ["n1"]
    assert [thread.name for thread in threading.enumerate()].count(f"flow-{FLOW}") == 1
    bench.supervisor.replace(FLOW, bench.live(HEALTHY))
    assert bench.health() is Health.HEALTHY
    assert bench.supervisor.failures(FLOW) == (), "failures are those since this start"


def test_a_flow_is_removed(bench: Bench) -> None:
    bench.supervisor.replace(FLOW, bench.live(HEALTHY))
    bench.supervisor.replace(FLOW, None)
    bench.supervisor.replace(FLOW, None)
    assert bench.supervisor.running() == {}
    assert bench.supervisor.health(FLOW) == (Health.UNHEALTHY, ())
    assert bench.supervisor.failures(FLOW) == ()
    assert bench.supervisor.report() == ()


def test_a_damaged_artifact_is_an_unhealthy_flow_and_leaves_the_others_alone(bench: Bench) -> None:
    damaged = bench.live(HEALTHY, version=3)
    (bench.directory / "artifacts" / f"{damaged.sha256}.json").write_bytes(b"{}")
    well = bench.live(HEALTHY, Node(id="n2", type="debug"))
    bench.supervisor.bring_up({FLOW: damaged, "flow_2": well})
    assert bench.supervisor.running() == {"flow_2": 1}, "what does not run is not said to run"
    assert bench.health("flow_2") is Health.HEALTHY
    told = {flow.flow_id: flow for flow in bench.supervisor.report()}
    assert (told[FLOW].version, told[FLOW].health) == (3, Health.UNHEALTHY)
    assert "damaged" in told[FLOW].nodes[0].error
    assert told["flow_2"].nodes == ()


@pytest.mark.parametrize("content", [b"[]", b'{"schema": "edgeflow.flow/9"}'])
def test_an_artifact_that_is_no_flow_is_an_unhealthy_flow(bench: Bench, content: bytes) -> None:
    bench.store.put(sha256_of(content), content)
    bench.supervisor.replace(FLOW, LiveFlow(version=1, sha256=sha256_of(content), since=NOON))
    health, nodes = bench.supervisor.health(FLOW)
    assert (health, len(nodes)) == (Health.UNHEALTHY, 1)


def test_a_node_type_that_an_older_agent_lacks_is_an_unhealthy_flow(bench: Bench) -> None:
    bench.supervisor.replace(FLOW, bench.live(UNKNOWN))
    health, nodes = bench.supervisor.health(FLOW)
    assert health is Health.UNHEALTHY
    assert "teleport" in nodes[0].error
    assert bench.supervisor.running() == {}
