"""The life of a worker: one version of a flow, run as its order says, until the agent says stop or is gone."""

import faulthandler
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.flow import RunningFlow
from edge_agent.flows.builtin.gpio import device_lines, use_lines
from edge_agent.flows.builtin.io import IoLoop
from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.builtin.sensors import open_device_sensor
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.language.secrets import Redactor
from edge_agent.flows.publishing import Qos, Settled
from edge_agent.flows.stuck_nodes import StuckNodes
from edge_agent.flows.surroundings import FlowSurroundings
from edge_agent.flows.workers import sayings
from edge_agent.flows.workers.channel import Frame, FrameReader
from edge_agent.flows.workers.code_pages import OTHERS_EVERY_SECONDS, give_back_pages
from edge_agent.flows.workers.kernel import limit_this_process
from edge_agent.flows.workers.lines import LineKeeper
from edge_agent.flows.workers.link_ends import LinkEnds
from edge_agent.flows.workers.orders import ARTIFACT_ROOM, Order
from edge_agent.flows.workers.remote_lines import RemoteLines
from edge_agent.flows.workers.told_logs import TellLogs
from edge_agent.flows.workers.upward import Upward
from edgeflow.contract.flow import FlowArtifact
from edgeflow.contract.report import MAX_REPORTED_NODES, Health

ALIVE_EVERY_SECONDS: Final = 1.0
_SETTLES_SECONDS: Final = 0.02
_SELDOM: Final = frozenset({"expression", "gpio_in", "gpio_out"})
"""Their libraries are large, or drive hardware."""
_READ_BYTES: Final = 64 * 1024

_log = logging.getLogger(__name__)


def load_all() -> None:
    """Load what nearly every flow needs, so that workers share it with the fork server; no package's nodes."""
    for name in NODE_TYPES.built_in:
        if name not in _SELDOM:
            NODE_TYPES[name]
    # What is done once is done before the fork: validators are built, patterns compiled, names looked up.
    nodes: list[dict[str, Any]] = [{"id": name, "type": name, "config": {}} for name in ("inject", "switch", "debug")]
    flow = {"definition": {"nodes": nodes, "variables": [{"name": "threshold", "type": "number", "value": "1"}]}}
    artifact = FlowArtifact.model_validate_json(json.dumps(flow))
    check_for_builtin(artifact)
    silent = FlowContext(device_id="", flow_id="", hardware={}, publish=lambda *_, **__: None)
    RunningFlow(artifact, silent, on_change=lambda: None).health()
    sayings.read_saying(Frame(sayings.HealthSaid(health=Health.HEALTHY).model_dump(mode="json")))
    Order.load(Order(artifact=b"", surroundings=FlowSurroundings(device_id="", flow_id="")).dump())


def run(channel: socket.socket) -> None:
    """Live; returns when it is over. Called once, as the last thing that a process does."""
    reader = FrameReader(ARTIFACT_ROOM)
    frames = _frames(channel, reader)
    first = next(frames, None)
    if first is None:
        return
    order = Order.load(first.body)
    reader.max_body = order.max_body
    refused = limit_this_process(order.limits)
    faulthandler.enable()
    upward = Upward(channel)
    TellLogs(upward, Redactor(order.surroundings.secrets.values.values())).install(order.log_level)
    if refused:
        _log.warning("flow %s: the system gives %s", order.surroundings.flow_id, ", ".join(refused))
    if order.keeps_lines:
        _keep_lines(frames, upward)
        return
    try:
        artifact = FlowArtifact.model_validate_json(order.artifact)
        check_for_builtin(artifact, order.surroundings.overrides, order.surroundings.secrets)
    except FlowRejected as rejected:
        upward.say(sayings.Rejected(reason=rejected.reason, faults=rejected.faults[: sayings.MAX_FAULTS]))
        return
    upward.say(sayings.Checked())
    if not order.only_check:
        _Worker(order, artifact, upward).live(frames)


def _frames(channel: socket.socket, reader: FrameReader) -> Iterator[Frame]:
    while True:
        try:
            data = channel.recv(_READ_BYTES)
        except OSError:
            return
        if not data:
            return
        yield from reader.feed(data)


def _keep_lines(frames: Iterator[Frame], upward: Upward) -> None:
    """Have the GPIO lines open, and do what workers ask."""
    keeper = LineKeeper(device_lines)
    threading.Thread(target=_say_alive, args=(upward,), name="tell", daemon=True).start()
    for frame in frames:
        about = frame.about
        match about.get("kind"):
            case "do":
                answer = keeper.do(about["worker"], about["name"], about["call"])
                upward.say(sayings.LinesAnswered(worker=about["worker"], id=about["id"], answer=answer))
            case "forget":
                keeper.forget(about["worker"])
            case "stop":
                return
            case kind:
                _log.error("the agent says %r, which is not known here", kind)


def _say_alive(upward: Upward) -> None:
    while True:
        upward.say(sayings.Alive())
        time.sleep(ALIVE_EVERY_SECONDS)


class _Worker:
    """Runs the flow, and stands between it and the agent."""

    def __init__(self, order: Order, artifact: FlowArtifact, upward: Upward) -> None:
        self._upward = upward
        self._muted = order.muted
        self._io = IoLoop()
        self._links = LinkEnds(upward, order.heard, limit=order.max_body)
        self._changed = threading.Event()
        self._failed = 0
        self._activity: sayings.ActivitySaid | None = None
        use_lines(RemoteLines(upward.ask_lines))
        context = FlowContext.within(
            order.surroundings,
            publish=self._publish,
            subscribe=upward.subscribe,
            muted=lambda: self._muted,
            open_sensor=open_device_sensor,
            io=self._io,
            links=self._links,
        )
        self._flow = RunningFlow(artifact, context, on_change=self._changed.set)
        self._stuck_nodes = StuckNodes(lambda: (self._flow,), self._io)

    def live(self, frames: Iterator[Frame]) -> None:
        """Run the flow, and do what the agent says."""
        self._flow.start()
        threading.Thread(target=self._tell, name="tell", daemon=True).start()
        for frame in frames:
            self._take(frame)

    def _take(self, frame: Frame) -> None:
        about = frame.about
        match about.get("kind"):
            case "message":
                self._upward.deliver(about["id"], about["topic"], frame.body)
            case "published":
                self._upward.published(about["id"], about["error"], about["refusal"])
            case "settled":
                self._upward.settled(about["topic"], about["error"])
            case "answer":
                self._upward.answered(about["id"], about["answer"])
            case "muted":
                self._muted = about["value"]
            case "heard":
                self._links.heard_elsewhere(about["names"])
            case "link":
                self._links.came(about["name"], frame.body)
            case "stop":
                # On another thread, for what stops may wait for answers.
                threading.Thread(target=self._stop, name="stop", daemon=True).start()
            case kind:
                _log.error("the agent says %r, which is not known here", kind)

    def _stop(self) -> None:
        try:
            self._flow.stop()
            self._io.stop()
        finally:
            os._exit(0)

    def _publish(
        self, topic: str, data: bytes, *, qos: Qos = 0, store: bool = False, settled: Settled | None = None
    ) -> None:
        if not self._muted:
            self._upward.publish(topic, data, qos=qos, store=store, settled=settled)

    # --- What is said by itself -----------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say that the worker lives and how the flow is. C code that holds the interpreter's lock ends that."""
        looked = alive = 0.0
        given_back = time.monotonic()
        while True:
            self._changed.wait(ALIVE_EVERY_SECONDS)
            self._changed.clear()
            self._say_health()
            now = time.monotonic()
            if now - looked >= ALIVE_EVERY_SECONDS:
                looked = now
                self._stuck_nodes.look(now)
                self._say_activity()
            if now - alive >= ALIVE_EVERY_SECONDS:
                alive = now
                self._upward.say(sayings.Alive())
            if now - given_back >= OTHERS_EVERY_SECONDS:
                given_back = now
                give_back_pages()
            time.sleep(_SETTLES_SECONDS)  # a flow whose health changes all the time must not do nothing but say so

    def _say_health(self) -> None:
        while True:
            failures = self._flow.failures()
            failed = failures[self._failed : self._failed + sayings.MAX_FAILED]
            health, nodes = self._flow.health()
            self._failed += len(failed)
            proof = self._flow.proof
            said = sayings.HealthSaid(
                health=health,
                nodes=nodes,
                failed=failed,
                grace=self._flow.grace_seconds,
                proof=proof.started,
                proof_switched=proof.switched,
            )
            self._upward.say_news("health", said)
            if self._failed >= len(failures):
                return

    def _say_activity(self) -> None:
        activity = self._flow.activity()
        said = sayings.ActivitySaid(
            per_minute=activity.received_per_minute,
            dropped=activity.dropped,
            nodes=activity.worth_telling(MAX_REPORTED_NODES),
        )
        self._upward.say_news("activity", said)
