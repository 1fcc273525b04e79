"""A flow that runs on this device."""

import dataclasses
import functools
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from edge_agent.flows.builtin.activity import Activity, ActivityMeter
from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.events import FlowEvents
from edge_agent.flows.builtin.health_checks import health_check_nodes
from edge_agent.flows.builtin.host import Build, NodeHost
from edge_agent.flows.builtin.loop import FlowLoop
from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.builtin.nodes.base import Node, NodeEnvironment, NodeError
from edge_agent.flows.builtin.threads import Threads
from edge_agent.flows.language.clock import Clock, SystemClock
from edge_agent.flows.language.proof import NO_PROOF
from edge_agent.flows.language.references import CannotFillIn, Values, filled_config
from edge_agent.flows.language.secrets import Redactor
from edge_agent.flows.language.sentences import fit
from edge_agent.flows.language.variables import read_variables
from edge_agent.flows.language.ways import prove
from edge_agent.flows.ports import Sent
from edge_agent.flows.publishing import Qos, Settled
from edge_agent.flows.runtime import MAX_FAILURES, MAX_LISTED_NODES
from edgeflow.contract.flow import Definition, FlowArtifact
from edgeflow.contract.flow import Node as NodeDefinition
from edgeflow.contract.report import MAX_ERROR_LENGTH, Health, NodeHealth

STOP_SECONDS: Final = 5.0
"""How long a stop waits for a node that is at work, such as one that publishes."""
STUCK_SECONDS: Final = 5.0
"""A node that is at one thing for longer no longer holds up the others."""

_log = logging.getLogger(__name__)


class RunningFlow:
    """One flow on one thread of its own: nodes get messages one after the other, in the order they were sent."""

    def __init__(
        self,
        artifact: FlowArtifact,
        context: FlowContext,
        *,
        on_change: Callable[[], None],
        clock: Clock | None = None,
        elsewhere: Mapping[str, Sent] = MappingProxyType({}),
    ) -> None:
        """Take the flow; ``elsewhere`` are the counts of nodes that run somewhere else, for health checks to watch."""
        definition = artifact.definition
        self._definition = definition
        # A node that outlives the stop must not speak for a flow that is gone.
        self._publish = context.publish
        self._context = dataclasses.replace(context, publish=self._publish_unless_stopped)
        self._on_change = on_change
        self._clock = clock or SystemClock()
        self._loop = FlowLoop(f"flow-{context.flow_id}", self._clock)
        self._events = FlowEvents()
        self._lock = threading.Lock()
        self._errors: dict[str, str] = {}
        self._failures: list[NodeHealth] = []
        self._all_started = False
        self._variables = self._read_variables(definition)
        self._redact = Redactor(context.secrets.values())
        self._hosts = self._connect(definition)
        counts: dict[str, Sent] = {**elsewhere, **{node_id: host.counts for node_id, host in self._hosts.items()}}
        checks = health_check_nodes(definition.health_checks, counts, passed=self._passed)
        self._unproven = set(checks)
        """Health checks of the flow that have not passed yet."""
        self.grace_seconds = max((check.grace_seconds for check in definition.health_checks), default=0.0)
        """How long the flow's own health checks may take until the first time they pass."""
        own = Threads(max(len(checks), 1))  # one each: nodes that hang take none from the checks
        self.proof = NO_PROOF
        """How long the flow must run until what is wrong with it can have shown; known once its nodes have started."""
        self._hosts |= {check_id: self._host(check_id, build, own) for check_id, build in checks.items()}
        self._meter = ActivityMeter(
            {node.id: self._hosts[node.id].counts for node in definition.nodes}, self._clock.now()
        )

    def start(self) -> None:
        """Start every node, on the flow's thread. A node that cannot start is unhealthy; nothing is raised."""
        try:
            self._loop.start(self._start_nodes, self._stop_nodes)
        except RuntimeError as error:
            for node_id in self._hosts:
                self._tell(node_id, f"The device has no thread left to run the flow: {error}")
            self._nodes_have_started()

    def stop(self) -> None:
        """Stop, and return when no node works any more, at the latest after ``STOP_SECONDS``. May be repeated.

        A node that hangs longer is left to itself: it gets no more messages and changes no health.
        """
        if not self._loop.stop(STOP_SECONDS):
            _log.warning("flow %s: a node was still busy %g s after the stop", self._context.flow_id, STOP_SECONDS)

    def watch(self, now: float) -> None:
        """Go on without a node that is stuck. To be called every second or so, with a monotonic time in seconds."""
        try:
            stuck = self._loop.hand_over(now, STUCK_SECONDS)
        except RuntimeError as error:
            _log.error("flow %s: a node is stuck, and there is no thread left: %s", self._context.flow_id, error)
            return
        if isinstance(stuck, NodeHost):
            stuck.leave_behind(STUCK_SECONDS)

    def health(self) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return the flow's health and its unhealthy nodes, in the order of the definition, at most 20 of them."""
        with self._lock:
            if not self._all_started:
                return Health.STARTING, ()
            errors = dict(self._errors)
            unproven = bool(self._unproven)
        if not errors:
            return (Health.STARTING if unproven else Health.HEALTHY), ()
        listed = [node_id for node_id in self._hosts if node_id in errors][:MAX_LISTED_NODES]
        return Health.UNHEALTHY, tuple(
            NodeHealth(node_id=node_id, health=Health.UNHEALTHY, error=errors[node_id]) for node_id in listed
        )

    def failures(self) -> tuple[NodeHealth, ...]:
        """Return each failure of a node since the start, the latest last, also those it got over; at most 1,000."""
        with self._lock:
            return tuple(self._failures)

    def activity(self) -> Activity:
        """Return how busy the flow and its nodes are, and what was dropped."""
        return self._meter.read(self._clock.now())

    def node(self, node_id: str) -> Node[Any] | None:
        """Return a node to look at, or None when there is none or it could not be built."""
        host = self._hosts.get(node_id)
        return host.node if host is not None else None

    def _read_variables(self, definition: Definition) -> dict[str, Any]:
        variables, faults = read_variables(definition, self._context.overrides)
        for fault in faults:  # check_flow refuses it; here the node that needs it says so
            _log.warning("flow %s: %s", self._context.flow_id, fault)
        return variables

    def _connect(self, definition: Definition) -> dict[str, NodeHost]:
        shared = Threads()
        hosts = {node.id: self._host(node.id, functools.partial(_build, node), shared) for node in definition.nodes}
        targets: defaultdict[str, defaultdict[int, list[NodeHost]]] = defaultdict(lambda: defaultdict(list))
        for connection in definition.connections:
            target = hosts.get(connection.target)
            if target is not None:
                targets[connection.source][connection.port].append(target)
        for node_id, host in hosts.items():
            host.targets = dict(targets[node_id])
        return hosts

    def _host(self, node_id: str, build: Build, threads: Threads) -> NodeHost:
        environment = NodeEnvironment(
            node_id=node_id,
            context=self._context,
            variables=self._variables,
            now=self._clock.now,
            events=self._events,
            redact=self._redact,
        )
        return NodeHost(
            node_id,
            build,
            environment,
            loop=self._loop,
            threads=threads,
            clock=self._clock,
            tell=self._tell,
            events=self._events,
        )

    def _start_nodes(self) -> None:
        for host in self._hosts.values():
            self._loop.post(host.start, owner=host, always=True)
        self._loop.post(self._nodes_have_started, always=True)

    def _stop_nodes(self) -> None:
        for host in self._hosts.values():
            host.stop()

    def _nodes_have_started(self) -> None:
        built = {node.id: self.node(node.id) for node in self._definition.nodes}
        proof = prove(
            self._definition,
            {node_id: (type(node), node.settings) for node_id, node in built.items() if node is not None},
        )
        with self._lock:
            self.proof = proof
            self._all_started = True
        self._announce()

    def _passed(self, check_id: str) -> None:
        with self._lock:
            if check_id not in self._unproven:
                return
            self._unproven.remove(check_id)
            announced = self._all_started and not self._unproven
        if announced:
            self._announce()

    def _tell(self, node_id: str, error: str | None) -> None:
        if error is not None:
            error = fit(error, MAX_ERROR_LENGTH)
        with self._lock:
            before = self._errors.get(node_id)
            if error == before:
                return
            if error is None:
                del self._errors[node_id]
            else:
                self._errors[node_id] = error
                if before is None and len(self._failures) < MAX_FAILURES:
                    self._failures.append(NodeHealth(node_id=node_id, health=Health.UNHEALTHY, error=error))
            announced = self._all_started
        about = {"flow_id": self._context.flow_id, "node_id": node_id}
        if error is None:
            _log.info("flow %s, node %s works again", self._context.flow_id, node_id, extra=about)
        else:
            _log.warning("flow %s, node %s: %s", self._context.flow_id, node_id, error, extra=about)
        if announced:
            self._announce()

    def _publish_unless_stopped(
        self, topic: str, data: bytes, *, qos: Qos = 0, store: bool = False, settled: Settled | None = None
    ) -> None:
        if self._loop.stopping:
            message = f"the flow {self._context.flow_id} is stopped"
            raise RuntimeError(message)
        self._publish(topic, data, qos=qos, store=store, settled=settled)

    def _announce(self) -> None:
        try:
            self._on_change()
        except Exception:  # noqa: BLE001  the flow goes on whatever its listener does
            _log.exception("flow %s: telling of changed health failed", self._context.flow_id)


def _build(definition: NodeDefinition, environment: NodeEnvironment) -> Node[Any]:
    node_type = NODE_TYPES.get(definition.type)
    if node_type is None:
        why = NODE_TYPES.fault(definition.type)
        message = f"This agent has no node type {definition.type!r}" + (f": {why}." if why else ".")
        raise NodeError(message)
    values = Values(variables=environment.variables, secrets=environment.context.secrets)
    try:
        config = filled_config(definition, values)
    except CannotFillIn as fault:
        message = f"{fault.place}: {fault}"
        raise NodeError(message) from None
    return node_type(node_type.settings_type.model_validate(config), environment)
