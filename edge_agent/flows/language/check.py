"""Whether a flow makes sense on this device, said before anything of it runs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from edge_agent.flows.language.nodes.base import NodeSettings
from edge_agent.flows.language.nodes.kind import NodeKind
from edge_agent.flows.language.nodes.registry import NodeTypes
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.language.sentences import describe_faults
from edge_agent.flows.language.variables import read_variables
from edgeflow.contract.flow import Definition, FlowArtifact
from edgeflow.contract.health_checks import EmittedCheck, health_check_id
from edgeflow.contract.reasons import Reason


def check_flow(
    artifact: FlowArtifact, kinds: NodeTypes[Any], overrides: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Check node types, settings, connections, variables with this device's ``overrides``, and health checks.

    ``kinds`` are the types of node that the runtime knows. What depends on the device (its sensor, say) or on what a
    node finds when it starts is not looked at here: the node is unhealthy then.

    Raises:
        FlowRejected: ``UNKNOWN_NODE_TYPE`` names every type that this agent lacks; ``INVALID_ARTIFACT`` names
            every other fault.
    """
    definition = artifact.definition
    unknown = sorted(name for name in {node.type for node in definition.nodes} if name not in kinds)
    if unknown:
        raise FlowRejected(Reason.UNKNOWN_NODE_TYPE, _unknown(unknown, kinds))
    faults = [
        *_node_faults(definition, kinds),
        *_connection_faults(definition, kinds),
        *_variable_faults(definition, overrides),
        *health_check_faults(definition),
    ]
    if faults:
        raise FlowRejected(Reason.INVALID_ARTIFACT, faults)


def _unknown(names: Iterable[str], kinds: NodeTypes[Any]) -> Iterator[str]:
    faults = {name: kinds.fault(name) for name in names}
    missing = [name for name, fault in faults.items() if fault is None]
    if missing:
        yield f"this agent has no node type {', '.join(missing)}; it has {', '.join(kinds)}"
    for name, fault in faults.items():
        if fault is not None:
            yield f"node type {name}: {fault}"


def _node_faults(definition: Definition, kinds: NodeTypes[Any]) -> Iterator[str]:
    if not definition.nodes:
        yield "the flow has no nodes"
    for node_id, count in Counter(node.id for node in definition.nodes).items():
        if count > 1:
            yield f"{count} nodes have the id {node_id}"
    for node in definition.nodes:
        try:
            _read_settings(kinds[node.type], node.config)
        except ValidationError as error:
            yield from (f"node {node.id} ({node.type}): {fault}" for fault in describe_faults(error))


def _connection_faults(definition: Definition, kinds: NodeTypes[Any]) -> Iterator[str]:
    nodes = {node.id: node for node in definition.nodes}
    ports = _known_ports(definition, kinds)
    for connection in definition.connections:
        name = f"connection {connection.source} to {connection.target}"
        missing = [end for end in (connection.source, connection.target) if end not in nodes]
        if missing:
            yield f"{name}: there is no node {' and no node '.join(dict.fromkeys(missing))}"
            continue
        source, target = nodes[connection.source], nodes[connection.target]
        outputs = ports.get(source.id)
        if outputs is not None and connection.port not in outputs:
            has = f"has the ports {', '.join(map(str, sorted(outputs)))}" if outputs else "has no output"
            yield f"{name}: starts at port {connection.port}, but {source.type} {source.id} {has}"
        if not kinds[target.type].takes_messages:
            yield f"{name}: {target.type} {target.id} takes no messages"
    circle = _find_circle(definition)
    if circle:
        yield f"the connections {' to '.join(circle)} are a circle, in which messages would go round for ever"


def _variable_faults(definition: Definition, overrides: Mapping[str, Any]) -> Iterator[str]:
    for name, count in Counter(variable.name for variable in definition.variables).items():
        if count > 1:
            yield f"{count} variables have the name {name}"
    yield from read_variables(definition, overrides)[1]


def health_check_faults(definition: Definition) -> Iterator[str]:
    """Yield what is wrong with a flow's health checks, other than what its contract says of each alone."""
    nodes = {node.id for node in definition.nodes}
    for name, count in Counter(check.name for check in definition.health_checks).items():
        if count > 1:
            yield f"{count} health checks have the name {name}"
    for check in definition.health_checks:
        if isinstance(check, EmittedCheck) and check.node not in nodes:
            yield f"health check {check.name}: there is no node {check.node}"
        if health_check_id(check.name) in nodes:
            yield f"health check {check.name}: a node has the id {health_check_id(check.name)}, by which it is reported"


def _known_ports(definition: Definition, kinds: NodeTypes[Any]) -> dict[str, frozenset[int]]:
    """Return each node's outputs; nodes with faulty settings are left out, for their outputs are not known."""
    ports = {}
    for node in definition.nodes:
        try:
            settings = _read_settings(kinds[node.type], node.config)
        except ValidationError:
            continue
        ports[node.id] = kinds[node.type].ports(settings)
    return ports


def _read_settings(kind: type[NodeKind[Any]], config: Mapping[str, Any]) -> NodeSettings:
    return kind.settings_type.model_validate(config)


def _find_circle(definition: Definition) -> list[str]:
    """Return the nodes of one circle, the first again at the end; none when every message comes to an end."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for connection in definition.connections:
        sorter.add(connection.target, connection.source)
    try:
        sorter.prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []
