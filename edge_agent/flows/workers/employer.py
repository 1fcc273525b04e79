"""Makes the processes of one version of a flow, and does for them what they ask of the device."""

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, assert_never

from edge_agent.flows.publishing import NotPublished
from edge_agent.flows.workers import sayings
from edge_agent.flows.workers.device import Device
from edge_agent.flows.workers.flow_worker import FlowWorker
from edge_agent.flows.workers.forking import ForkServerProcess
from edge_agent.flows.workers.hub import Hub
from edge_agent.flows.workers.line_router import LineRouter
from edge_agent.flows.workers.link_router import LinkRouter
from edge_agent.flows.workers.orders import Limits, Order
from edge_agent.flows.workers.outputs import Outputs
from edge_agent.flows.workers.process import Exit, WorkerProcess
from edgeflow.contract.flow import FlowArtifact

MAX_SUBSCRIPTIONS: Final = 1_000

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class FlowEmployer:
    """See the module, and :class:`~edge_agent.flows.workers.flow_worker.Employer`. For the hub's thread.

    What a worker may publish and listen to is looked at here: it speaks for its flow, never for the agent.
    """

    device: Device
    hub: Hub
    fork_server: ForkServerProcess
    links: LinkRouter
    lines: LineRouter
    artifact: FlowArtifact
    outputs: Outputs
    limits: Limits
    _subscriptions: dict[int, Callable[[], None]] = field(default_factory=dict)

    def begin(self, worker: FlowWorker, on_end: Callable[[Exit], None]) -> WorkerProcess:
        """See Employer.begin."""
        order = Order(
            artifact=self.artifact.canonical_bytes(),
            surroundings=self.device.surroundings_of(worker.flow_id, self.artifact),
            limits=self.limits,
            muted=self.outputs.is_muted(worker.installed.slot),
            heard=self.links.heard(),
            log_level=logging.getLogger().getEffectiveLevel(),
        )
        process: WorkerProcess = WorkerProcess(
            self.hub,
            self.fork_server,
            order,
            on_heard=lambda saying, body: self._hear(worker, process, saying, body),
            on_end=lambda exit_: self._ended(process, exit_, on_end),
        )
        self.links.join(process)
        process.begin()
        return process

    def _ended(self, process: WorkerProcess, exit_: Exit, on_end: Callable[[Exit], None]) -> None:
        self.links.leave(process)
        self.lines.leave(process)
        for end in self._subscriptions.values():
            end()
        self._subscriptions.clear()
        on_end(exit_)

    def _hear(self, worker: FlowWorker, process: WorkerProcess, saying: sayings.Saying, body: bytes) -> None:
        match saying:
            case sayings.Publish():
                error, refusal = self._publish(worker, process, saying, body)
                process.say({"kind": "published", "id": saying.id, "error": error, "refusal": refusal})
            case sayings.Subscribe():
                self._subscribe(process, saying)
            case sayings.Unsubscribe():
                self._subscriptions.pop(saying.id, _nothing)()
            case sayings.Listen():
                self.links.listen(process, saying.name, on=saying.on)
            case sayings.LinkSent():
                self._link(worker, process, saying.name, body)
            case sayings.LinesAsked():
                self.lines.ask(process, saying)
            case sayings.Logged():
                _log_for(worker.flow_id, saying)
            case sayings.HealthSaid() | sayings.ActivitySaid() | sayings.Rejected():
                worker.hear(saying)
            case sayings.Alive() | sayings.Checked() | sayings.LinesAnswered():
                pass  # it was heard, which is all
            case _:
                assert_never(saying)

    def _publish(
        self, worker: FlowWorker, process: WorkerProcess, asked: sayings.Publish, data: bytes
    ) -> tuple[str | None, str | None]:
        """Publish; returns what keeps it from that, as a clause, and the kind of it."""
        if not asked.topic.startswith(f"{self.device.topics}/out/"):
            return f"flows do not publish to {asked.topic}", None
        if self.outputs.is_muted(worker.installed.slot):
            return None, None  # it is no fault, and nothing is kept
        settled = _Settled(process, asked.topic) if asked.settles else None
        try:
            self.device.publish(asked.topic, data, qos=asked.qos, store=asked.store, settled=settled)
        except NotPublished as error:
            return str(error), error.refusal.value
        except (OSError, RuntimeError) as error:
            return str(error), None
        return None, None

    def _link(self, worker: FlowWorker, process: WorkerProcess, name: str, body: bytes) -> None:
        if not self.outputs.is_muted(worker.installed.slot):
            self.links.send(process, name, body)

    def _subscribe(self, process: WorkerProcess, asked: sayings.Subscribe) -> None:
        if not asked.topic.startswith(f"{self.device.topics}/in/"):
            process.kill(f"was ended, for it wants to hear what comes to {asked.topic}, which is not for flows")
        elif asked.id in self._subscriptions or len(self._subscriptions) >= MAX_SUBSCRIPTIONS:
            process.kill(f"was ended, for it subscribes more than {MAX_SUBSCRIPTIONS} times")
        else:
            self._subscriptions[asked.id] = self.device.subscribe(
                asked.topic, functools.partial(_hand_over, process, asked.id)
            )


@dataclass(frozen=True, slots=True)
class _Settled:
    """Tells a worker what became of its messages to a topic. Two of the same are equal, so only one is kept."""

    process: WorkerProcess
    topic: str

    def __call__(self, error: str | None) -> None:
        self.process.say({"kind": "settled", "topic": self.topic, "error": error}, must=False)


def _nothing() -> None:
    """End a subscription that there is not."""


def _hand_over(process: WorkerProcess, number: int, topic: str, data: bytes) -> None:
    process.say({"kind": "message", "id": number, "topic": topic}, data, must=False)


def _log_for(flow_id: str, logged: sayings.Logged) -> None:
    about = {"flow_id": flow_id} | ({"node_id": logged.node_id} if logged.node_id is not None else {})
    logger = logging.getLogger(logged.logger)
    if logged.left_out:
        logger.warning("flow %s logs too much: %d entries are left out", flow_id, logged.left_out, extra=about)
    if logger.isEnabledFor(logged.level):
        logger.log(logged.level, "%s", logged.message, extra=about)
