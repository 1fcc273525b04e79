"""No flow passes for healthy before its nodes can have failed: real workers, real requests that hang."""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

import pytest

from edge_agent.disk.slots import Slots
from edge_agent.disk.state import StateFile
from edge_agent.flows.language.ways import TOLD_SECONDS
from edge_agent.jobs.engine import Engine
from edge_agent.jobs.health_window import HealthGate
from edge_agent.jobs.obtain import Obtainer
from edge_agent.jobs.read_order import OrderReader
from edge_agent.jobs.signatures import NO_KEYS
from edgeflow.contract.flow import Node
from edgeflow.contract.job import Artifact
from edgeflow.contract.report import Health, Slot
from tests.support.ill_server import Illness, ill_server
from tests.support.waiting import wait_for
from tests.unit.edge_agent.device import FLOW, JOB, NOON, Cloud, Power, lifeline_of
from tests.unit.edge_agent.flows.workers.works import Works

SHORT_WINDOW = 0.1


def _now() -> datetime:
    return NOON


class JobsOf:
    """The engine of a device whose flows run in workers."""

    def __init__(self, works: Works) -> None:
        self.cloud = Cloud(Power())
        self.watch = HealthGate(works.runtime, monotonic=monotonic)
        works.on_change = self.watch.wake
        self.file = StateFile(works.directory, _now)
        obtainer = Obtainer(store=works.store, fetch=self._fetch, jobs=self.cloud, flows=works.runtime, clock=_now)
        self.engine = Engine(
            state=self.file,
            store=works.store,
            flows=works.runtime,
            jobs=self.cloud,
            read_order=OrderReader("dev_001", NO_KEYS, _now),
            obtainer=obtainer,
            watch=self.watch,
            lifeline=lifeline_of(self.cloud),
            clock=_now,
            jitter=0,
        )

    def apply(self, works: Works, *nodes: Node, number: int) -> str:
        """Have a version deployed with a window that is too short; returns how the job ended."""
        version = works.version(*nodes, number=number)
        size = len(works.store.get(version.sha256).canonical_bytes())
        self.cloud.queue({
            "schema": "edgeflow.job/1",
            "operation": "apply",
            "deployment_id": "dep_1",
            "flow_id": FLOW,
            "version": number,
            "artifact": {"url": "https://x.test/", "sha256": version.sha256, "size": size},
            "health_check": {"window_seconds": SHORT_WINDOW},
        }, f"{JOB}-{number}")  # fmt: skip
        self.engine.work()
        return self.cloud.status(f"{JOB}-{number}")

    def _fetch(self, artifact: Artifact, still_wanted: Callable[[], None]) -> bytes:  # noqa: ARG002  part of the port
        message = f"{artifact.sha256} is in the store"
        raise AssertionError(message)


def _asking(url: str) -> tuple[Node, ...]:
    ask = Node(id="ask", type="http_request", config={"url": url, "timeout": "1s"})
    return Node(id="in", type="inject"), ask


@pytest.mark.parametrize("illness", [Illness.SAYS_NOTHING, Illness.DRIPS_HEADERS])
@pytest.mark.slow
def test_a_request_that_hangs_for_longer_than_the_window_fails_the_job(works: Works, illness: Illness) -> None:
    jobs = JobsOf(works)
    assert jobs.apply(works, Node(id="well", type="debug"), number=1) == "SUCCEEDED"
    with ill_server(illness) as server:
        assert jobs.apply(works, *_asking(server.address), number=2) == "FAILED"
        assert server.asked == 1
    told = jobs.cloud.details[f"{JOB}-2"]
    assert (told["reason"], told["runs_version"]) == ("unhealthy", "1")
    assert "ask: GET" in told["message"]
    assert "got no whole answer within 1 s" in told["message"]


def test_what_a_worker_s_flow_needs_is_known_with_its_health_in_each_slot(works: Works) -> None:
    sends = Node(id="in", type="inject", config={"interval": "5s"})
    waits = Node(id="wait", type="delay", config={"time": "50s"})
    blue, green = works.version(sends), works.version(sends, waits, number=2, slot=Slot.GREEN)
    works.runtime.arrange(FLOW, Slots(blue, green))

    def both_are_well() -> bool | None:
        health = {works.runtime.health(FLOW, standby=standby)[0] for standby in (False, True)}
        return health == {Health.HEALTHY} or None

    wait_for(both_are_well, what="both are healthy")
    needs = {
        (standby, switched): works.runtime.proof_seconds(FLOW, standby=standby, switched=switched)
        for standby in (False, True)
        for switched in (False, True)
    }
    assert needs == {
        (False, False): 0,
        (False, True): 5 + TOLD_SECONDS,
        (True, False): 50 + TOLD_SECONDS,
        (True, True): 55 + TOLD_SECONDS,
    }
    assert works.runtime.proof_seconds("no such flow") == 0
