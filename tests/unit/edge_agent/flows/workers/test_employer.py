"""What a worker may ask of the device: it speaks for its flow, never for the agent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.slots import InstalledVersion
from edge_agent.flows.publishing import NotPublished, Qos, Refusal, Settled
from edge_agent.flows.surroundings import FlowSurroundings
from edge_agent.flows.workers import employer as employer_module
from edge_agent.flows.workers import sayings
from edge_agent.flows.workers.device import Device, Take
from edge_agent.flows.workers.employer import MAX_SUBSCRIPTIONS, FlowEmployer
from edge_agent.flows.workers.flow_worker import FlowWorker, Timing
from edge_agent.flows.workers.forking import ForkServerProcess
from edge_agent.flows.workers.hub import Hub
from edge_agent.flows.workers.line_router import LineRouter
from edge_agent.flows.workers.link_router import LinkRouter
from edge_agent.flows.workers.orders import Limits
from edge_agent.flows.workers.outputs import Outputs
from edge_agent.flows.workers.process import Exit, WorkerProcess
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from edgeflow.contract.report import Slot
from tests.unit.edge_agent.device import FLOW, NOON, sha256

TOPICS = "edgeflow/devices/dev_001"


class Process:
    """Stands for a worker's process; ``told`` is what it was told, ``killed`` why it was ended."""

    def __init__(self, *_: object, on_heard: Callable[..., None], on_end: Callable[[Exit], None]) -> None:
        self.hear = on_heard
        self.end = on_end
        self.number = 1
        self.told: list[tuple[dict[str, Any], bytes]] = []
        self.killed: list[str] = []

    def begin(self) -> None:
        """See WorkerProcess."""

    def say(self, about: dict[str, Any], body: bytes = b"", *, must: bool = True) -> bool:  # noqa: ARG002  see there
        """See WorkerProcess."""
        self.told.append((about, body))
        return True

    def kill(self, why: str) -> None:
        """See WorkerProcess."""
        self.killed.append(why)


class Desk:
    """What the device has done for the one worker that is employed."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes]] = []
        self.how: list[tuple[Qos, bool, Settled | None]] = []
        self.takers: dict[str, Take] = {}
        self.outputs = Outputs()
        self.error: Exception | None = None
        self.ends: list[Exit] = []
        self.processes: list[Process] = []

    @property
    def process(self) -> Process:
        """The worker's process."""
        return self.processes[-1]

    def make_process(self, *parts: object, **hearers: Callable[..., None]) -> Process:
        """See WorkerProcess."""
        self.processes.append(Process(*parts, **hearers))
        return self.process

    def publish(
        self, topic: str, data: bytes, *, qos: Qos = 0, store: bool = False, settled: Settled | None = None
    ) -> None:
        """See Device."""
        if self.error is not None:
            raise self.error
        self.published.append((topic, data))
        self.how.append((qos, store, settled))

    def subscribe(self, topic: str, take: Take) -> Callable[[], None]:
        """See Device."""
        self.takers[topic] = take
        return lambda: self.takers.pop(topic, None) and None

    def employ(self, crashes: CrashFile) -> None:
        """Employ a worker, of a flow that is live."""
        hub = Hub("test", on_failure=lambda: None)
        employer = FlowEmployer(
            device=Device(
                device_id="dev_001",
                surroundings=lambda flow_id: FlowSurroundings(device_id="dev_001", flow_id=flow_id),
                publish=self.publish,
                subscribe=self.subscribe,
            ),
            hub=hub,
            fork_server=ForkServerProcess(),
            links=LinkRouter(),
            lines=LineRouter(_no_lines),
            artifact=FlowArtifact(definition=Definition(nodes=(Node(id="n", type="debug"),))),
            outputs=self.outputs,
            limits=Limits(),
        )
        worker = FlowWorker(
            FLOW,
            InstalledVersion(version=1, sha256=sha256(1), since=NOON),
            hub=hub,
            employer=employer,
            crashes=crashes,
            on_change=lambda: None,
            timing=Timing(),
        )
        self.outputs.switch_to(Slot.BLUE)
        employer.begin(worker, self.ends.append)


def _no_lines(*_: object) -> WorkerProcess:
    message = "nobody asks for lines"
    raise AssertionError(message)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """One that has employed a worker."""
    made = Desk()
    monkeypatch.setattr(employer_module, "WorkerProcess", made.make_process)
    made.employ(CrashFile(tmp_path))
    return made


def test_a_worker_publishes_below_out_alone(desk: Desk) -> None:
    for number, topic in enumerate(
        (f"{TOPICS}/health", f"{TOPICS}/outside", "$aws/things/dev_001/jobs/j/update", "edgeflow/devices/dev_002/out/a")
    ):
        desk.process.hear(sayings.Publish(id=number, topic=topic), b"1")
        about, _ = desk.process.told[-1]
        error = f"flows do not publish to {topic}"
        assert about == {"kind": "published", "id": number, "error": error, "refusal": None}
    assert desk.published == []
    desk.process.hear(sayings.Publish(id=9, topic=f"{TOPICS}/out/a"), b"1")
    assert desk.process.told[-1] == ({"kind": "published", "id": 9, "error": None, "refusal": None}, b"")
    assert desk.published == [(f"{TOPICS}/out/a", b"1")]


@pytest.mark.parametrize("error", [ConnectionError("the device is offline"), RuntimeError("it is full")])
def test_a_worker_hears_why_nothing_was_published(desk: Desk, error: Exception) -> None:
    desk.error = error
    desk.process.hear(sayings.Publish(id=1, topic=f"{TOPICS}/out/a"), b"1")
    assert desk.process.told == [({"kind": "published", "id": 1, "error": str(error), "refusal": None}, b"")]


@pytest.mark.parametrize("refusal", Refusal)
def test_a_worker_hears_of_which_kind_that_is(desk: Desk, refusal: Refusal) -> None:
    desk.error = NotPublished(refusal, "so it is")
    desk.process.hear(sayings.Publish(id=1, topic=f"{TOPICS}/out/a"), b"1")
    answer = {"kind": "published", "id": 1, "error": "so it is", "refusal": refusal.value}
    assert desk.process.told == [(answer, b"")]


def test_a_worker_hears_what_became_of_its_messages_by_one_who_is_the_same_each_time(desk: Desk) -> None:
    for number in range(2):
        asked = sayings.Publish(id=number, topic=f"{TOPICS}/out/a", qos=1, store=True, settles=True)
        desk.process.hear(asked, b"1")
    (qos, store, first), (_, _, second) = desk.how
    assert (qos, store) == (1, True)
    assert first == second
    assert first is not None
    first("not acknowledged")
    assert desk.process.told[-1] == (
        {"kind": "settled", "topic": f"{TOPICS}/out/a", "error": "not acknowledged"},
        b"",
    )


def test_what_a_muted_worker_publishes_goes_nowhere_and_is_no_fault(desk: Desk) -> None:
    desk.outputs.switch_to(Slot.GREEN)
    desk.process.hear(sayings.Publish(id=1, topic=f"{TOPICS}/out/a"), b"1")
    assert desk.process.told == [({"kind": "published", "id": 1, "error": None, "refusal": None}, b"")]
    assert desk.published == []


@pytest.mark.parametrize("topic", ["#", "$aws/things/+/jobs/#", f"{TOPICS}/#", f"{TOPICS}/inside", f"{TOPICS}/health"])
def test_a_worker_that_subscribes_to_what_is_not_for_flows_is_ended(desk: Desk, topic: str) -> None:
    desk.process.hear(sayings.Subscribe(id=1, topic=topic), b"")
    assert desk.takers == {}
    assert desk.process.killed == [f"was ended, for it wants to hear what comes to {topic}, which is not for flows"]


def test_a_worker_subscribes_so_often_and_no_more(desk: Desk) -> None:
    for number in range(MAX_SUBSCRIPTIONS):
        desk.process.hear(sayings.Subscribe(id=number, topic=f"{TOPICS}/in/{number}"), b"")
    assert not desk.process.killed
    desk.process.hear(sayings.Subscribe(id=MAX_SUBSCRIPTIONS, topic=f"{TOPICS}/in/more"), b"")
    assert len(desk.process.killed) == 1


def test_what_a_worker_listens_to_ends_with_it(desk: Desk) -> None:
    for number in range(3):
        desk.process.hear(sayings.Subscribe(id=number, topic=f"{TOPICS}/in/{number}"), b"")
    desk.takers[f"{TOPICS}/in/1"](f"{TOPICS}/in/1", b"data")
    assert desk.process.told == [({"kind": "message", "id": 1, "topic": f"{TOPICS}/in/1"}, b"data")]
    desk.process.hear(sayings.Unsubscribe(id=0), b"")
    desk.process.hear(sayings.Unsubscribe(id=0), b"")  # once more does no harm
    assert len(desk.takers) == 2
    desk.process.end(Exit(1))
    assert desk.takers == {}
    assert desk.ends == [Exit(1)]
