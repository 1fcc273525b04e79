"""Whether a flow makes sense on this device, said before anything of it runs."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from edge_agent.flows.language.nodes.registry import NodeTypes
from edge_agent.flows.language.references import CannotFillIn, Values, fill_in, filled_config
from edge_agent.flows.language.rejected import FlowRejected, shortened_fault
from edge_agent.flows.language.secrets import NO_SECRETS, Secrets
from edge_agent.flows.language.sentences import describe_faults
from edge_agent.flows.language.variables import read_variables
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from edgeflow.contract.health_checks import EmittedCheck, HttpCheck, health_check_id
from edgeflow.contract.json_values import Location
from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.reasons import Reason
from edgeflow.contract.references import TextKind, reference_faults
from edgeflow.contract.wording import counted


def check_flow(
    artifact: FlowArtifact,
    kinds: NodeTypes[Any],
    overrides: Mapping[str, Any] = MappingProxyType({}),
    secrets: Secrets = NO_SECRETS,
) -> None:
    """Check node types, settings, connections, variables, health checks, and that this device has the secrets named.

    ``kinds`` are the types of node that the runtime knows; ``overrides`` and ``secrets`` are this device's own. What
    depends on the device otherwise (its sensor, say) or on what a node finds when it starts is not looked at here: the
    node is unhealthy then.

    Raises:
        FlowRejected: ``UNKNOWN_NODE_TYPE`` names every type that this agent lacks; ``MISSING_SECRET`` every secret that
            this device lacks, when nothing else is wrong; ``INVALID_ARTIFACT`` names every fault.
    """
    definition = artifact.definition
    unknown = sorted(name for name in {node.type for node in definition.nodes} if name not in kinds)
    if unknown:
        raise FlowRejected(Reason.UNKNOWN_NODE_TYPE, _unknown(unknown, kinds))
    variables, variable_faults = read_variables(definition, overrides)
    values = Values(variables=variables, secrets=secrets.values)
    misplaced = list(reference_faults(definition))
    read = _Settings(definition, kinds, values, {place[1] for place, _ in misplaced if place[0] == "nodes"})
    faults = [
        *_node_faults(definition),
        *read.faults,
        *_connection_faults(definition, kinds, read.ports),
        *_variable_faults(definition),
        *variable_faults,
        *health_check_faults(definition),
        *reference_sentences(definition, values, misplaced),
    ]
    reject(faults, secrets.missing_for(definition))


def reject(faults: Iterable[str], missing: Iterable[str]) -> None:
    """Raise FlowRejected where there are faults, or secrets missing: these are sentences, too."""
    wrong, lacking = (list(map(shortened_fault, sentences)) for sentences in (faults, missing))
    if wrong or lacking:
        reason = Reason.INVALID_ARTIFACT if wrong else Reason.MISSING_SECRET
        raise FlowRejected(reason, dict.fromkeys([*wrong, *lacking]))


def _unknown(names: Iterable[str], kinds: NodeTypes[Any]) -> Iterator[str]:
    faults = {name: kinds.fault(name) for name in names}
    missing = [name for name, fault in faults.items() if fault is None]
    if missing:
        yield f"this agent has no node type {', '.join(missing)}; it has {', '.join(kinds)}"
    for name, fault in faults.items():
        if fault is not None:
            yield f"node type {name}: {fault}"


def _node_faults(definition: Definition) -> Iterator[str]:
    if not definition.nodes:
        yield "the flow has no nodes"
    for node_id, count in Counter(node.id for node in definition.nodes).items():
        if count > 1:
            yield f"{counted(count, 'node', 'has', 'have')} the id {node_id}"


class _Settings:
    """The settings of a flow's nodes, with values in place of references.

    Attributes:
        faults: what is wrong with settings; of references only what the device's own values have to do with.
        ports: each node's outputs; nodes with faulty settings are left out, for theirs are not known.
    """

    def __init__(
        self, definition: Definition, kinds: NodeTypes[Any], values: Values, left_out: Container[object]
    ) -> None:
        """Read them, but of the nodes at the places ``left_out``, whose references are at fault whatever the device."""
        self._values = values
        self.faults: list[str] = []
        self.ports: dict[str, frozenset[int]] = {}
        for index, node in enumerate(definition.nodes):
            settings = self._read(node, kinds[node.type]) if index not in left_out else None
            if settings is not None:
                self.ports[node.id] = kinds[node.type].ports(settings)

    def _read(self, node: Node, kind: type[NodeKind[Any]]) -> NodeSettings | None:
        try:
            return kind.settings_type.model_validate(filled_config(node, self._values))
        except CannotFillIn as fault:
            if not fault.is_missing:
                self.faults.append(f"node {node.id} ({node.type}): {fault.place}: {fault}")
        except ValidationError as error:
            self.faults += [f"node {node.id} ({node.type}): {fault}" for fault in describe_faults(error)]
        return None


def reference_sentences(
    definition: Definition, values: Values, misplaced: Iterable[tuple[Location, str]]
) -> Iterator[str]:
    """Yield what is wrong with references: what is ``misplaced``, and what cannot be filled in in health checks."""
    faulty = set()
    for place, fault in misplaced:
        faulty.add(place)
        yield f"{_in_words(definition, place)}: {fault}"
    for index, check in enumerate(definition.health_checks):
        if isinstance(check, HttpCheck) and ("health_checks", index, "url") not in faulty:
            try:
                fill_in(TextKind.URL, check.url, values)
            except CannotFillIn as fault:
                if not fault.is_missing:
                    yield f"health check {check.name}: url: {fault}"


def _in_words(definition: Definition, place: Location) -> str:
    kind, index, *within = place
    match kind, index:
        case "nodes", int():
            node = definition.nodes[index]
            whose = f"node {node.id} ({node.type})"
            within = within[1:] if within[0] == "config" else within
        case "health_checks", int():
            whose = f"health check {definition.health_checks[index].name}"
        case _, int():
            whose = f"variable {definition.variables[index].name}"
        case _:
            whose = str(kind)
    return ": ".join((whose, ".".join(map(str, within)))) if within else whose


def _connection_faults(
    definition: Definition, kinds: NodeTypes[Any], ports: Mapping[str, frozenset[int]]
) -> Iterator[str]:
    nodes = {node.id: node for node in definition.nodes}
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


def _variable_faults(definition: Definition) -> Iterator[str]:
    for name, count in Counter(variable.name for variable in definition.variables).items():
        if count > 1:
            yield f"{counted(count, 'variable', 'has', 'have')} the name {name}"


def health_check_faults(definition: Definition) -> Iterator[str]:
    """Yield what is wrong with a flow's health checks, other than what its contract says of each alone."""
    nodes = {node.id for node in definition.nodes}
    for name, count in Counter(check.name for check in definition.health_checks).items():
        if count > 1:
            yield f"{counted(count, 'health check', 'has', 'have')} the name {name}"
    for check in definition.health_checks:
        if isinstance(check, EmittedCheck) and check.node not in nodes:
            yield f"health check {check.name}: there is no node {check.node}"
        if health_check_id(check.name) in nodes:
            yield f"health check {check.name}: a node has the id {health_check_id(check.name)}, by which it is reported"


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
