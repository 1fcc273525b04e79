"""Whether a flow makes sense for Node-RED, said before anything of it is deployed."""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from edge_agent.flows.language.check import check_flow, health_check_faults, reference_sentences, reject
from edge_agent.flows.language.nodes import NODE_KINDS
from edge_agent.flows.language.references import Values
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.language.secrets import NO_SECRETS, Secrets
from edge_agent.flows.language.sentences import describe_faults
from edge_agent.flows.language.variables import read_variables
from edge_agent.flows.node_red.client import NodeRed, NodeRedFault
from edge_agent.flows.node_red.native import CONTAINERS, native_faults
from edge_agent.flows.node_red.nodes import TRANSLATIONS
from edge_agent.flows.node_red.translate import required_types
from edgeflow.contract.flow import Definition, FlowArtifact
from edgeflow.contract.health_checks import EmittedCheck
from edgeflow.contract.nodes.kinds import NATIVE_TYPE
from edgeflow.contract.nodes.node_red import NativeSettings
from edgeflow.contract.reasons import Reason
from edgeflow.contract.references import reference_faults

_REMEDIES: Final = {
    "file": "put Node-RED's own file nodes into a node of type node-red",
    "gpio_in": "put the GPIO nodes of a Node-RED package into a node of type node-red",
    "gpio_out": "put the GPIO nodes of a Node-RED package into a node of type node-red",
}
"""What to do instead, by EdgeFlow's types that cannot have a translation."""


_STORE_REMEDY: Final = (
    "Node-RED keeps nothing on disk; leave it out, and have the broker that it publishes to keep messages while it is "
    "offline"
)


def check_for_node_red(
    artifact: FlowArtifact,
    node_red: NodeRed,
    overrides: Mapping[str, Any] = MappingProxyType({}),
    secrets: Secrets = NO_SECRETS,
) -> None:
    """Check what the built-in runtime checks, native nodes, and that Node-RED has every type that the flow needs.

    A type that is missing must never be deployed: Node-RED then starts no flow at all, nobody's.
    While it cannot be asked, the flow may be fit; deploying it asks again.

    Raises:
        FlowRejected: ``UNKNOWN_NODE_TYPE`` names every type that is missing; ``INVALID_ARTIFACT`` every other fault,
            ``MISSING_SECRET`` the secrets that this device lacks, when nothing else is wrong.
    """
    check_without_node_red(artifact, overrides, secrets)
    try:
        known = node_red.node_types()
    except NodeRedFault:
        return
    missing = missing_types(required_types(artifact.definition), known)
    if missing is not None:
        raise missing


class NodeRedCheck:
    """See :class:`~edge_agent.flows.runtime.FlowCheck`."""

    def __init__(
        self, node_red: NodeRed, overrides: Callable[[str], Mapping[str, Any]], secrets: Callable[[], Secrets]
    ) -> None:
        """Ask this Node-RED; ``overrides`` returns by a flow's id the device's own values of its variables.

        ``secrets`` returns those that the device has now.
        """
        self._node_red = node_red
        self._overrides = overrides
        self._secrets = secrets

    def trouble(self) -> str | None:
        """Return why Node-RED does not say which types of nodes it has."""
        try:
            self._node_red.node_types()
        except NodeRedFault as fault:
            return str(fault)
        return None

    def check(self, flow_id: str, artifact: FlowArtifact) -> None:
        """See :func:`check_for_node_red`."""
        check_for_node_red(artifact, self._node_red, self._overrides(flow_id), self._secrets())


def missing_types(needed: frozenset[str], known: frozenset[str]) -> FlowRejected | None:
    """Return the fault that names the needed types that a Node-RED lacks; None when it knows all."""
    lacking = sorted(needed - known)
    if not lacking:
        return None
    fault = f"Node-RED has no node type {', '.join(lacking)}; install the package that has it, or enable it"
    return FlowRejected(Reason.UNKNOWN_NODE_TYPE, [fault])


def lacking_types(tabs: Mapping[str, frozenset[str]], known: frozenset[str]) -> dict[str, str]:
    """Return why tabs cannot run, by their ids, of those that need a type which a Node-RED lacks."""
    faults = {tab_id: missing_types(needed, known) for tab_id, needed in tabs.items()}
    return {tab_id: str(fault) for tab_id, fault in faults.items() if fault is not None}


def why_nothing_starts(others: AbstractSet[str], known: AbstractSet[str]) -> str:
    """Say that types of nodes that others have in Node-RED keep it from starting any flow; empty where none does.

    ``known`` are the types that it has.
    """
    lacking = sorted(kind for kind in others - known - CONTAINERS if not kind.startswith("subflow:"))
    if not lacking:
        return ""
    types = ", ".join(lacking)
    return f"Node-RED starts no flow while its flows have nodes of the types {types}, which it does not have"


def check_without_node_red(
    artifact: FlowArtifact, overrides: Mapping[str, Any] = MappingProxyType({}), secrets: Secrets = NO_SECRETS
) -> None:
    """Check what needs no Node-RED, with the device's own values of variables and its secrets. Raises FlowRejected."""
    definition = artifact.definition
    natives = [node for node in definition.nodes if node.type == NATIVE_TYPE]
    unknown = sorted({node.type for node in definition.nodes} - set(TRANSLATIONS) - {NATIVE_TYPE})
    if unknown:
        known = ", ".join(sorted(set(TRANSLATIONS) | {NATIVE_TYPE}))
        fault = f"there is no translation to Node-RED of {', '.join(unknown)}; there is one of {known}"
        remedies = [f"{name}: {_REMEDIES[name]}" for name in unknown if name in _REMEDIES]
        raise FlowRejected(Reason.UNKNOWN_NODE_TYPE, [*remedies, fault])
    native_ids = {node.id for node in natives}
    faults = [*_native_faults(definition), *health_check_faults(definition)]
    faults += [
        f"health check {check.name}: what {NATIVE_TYPE} {check.node} sends cannot be counted; "
        "watch one of the other nodes, or ask by a check of type http or command"
        for check in definition.health_checks
        if isinstance(check, EmittedCheck) and check.node in native_ids
    ]
    faults += [
        f"node {node.id} (mqtt_out): store: {_STORE_REMEDY}"
        for node in definition.nodes
        if node.type == "mqtt_out" and node.config.get("store") is True
    ]
    rest = Definition(
        nodes=tuple(node for node in definition.nodes if node.type != NATIVE_TYPE),
        connections=tuple(each for each in definition.connections if not {each.source, each.target} & native_ids),
        variables=definition.variables,
    )
    if rest.nodes or not natives:
        try:
            check_flow(FlowArtifact(definition=rest), NODE_KINDS, overrides, secrets)
        except FlowRejected as rejected:
            faults += rejected.faults if rejected.reason is not Reason.MISSING_SECRET else ()
    values = Values(variables=read_variables(definition, overrides)[0], secrets=secrets.values)
    told = reference_sentences(definition, values, reference_faults(definition))
    reject([*faults, *told], secrets.missing_for(definition))


def _native_faults(definition: Definition) -> Iterator[str]:
    natives = {node.id for node in definition.nodes if node.type == NATIVE_TYPE}
    if len(natives) != sum(node.type == NATIVE_TYPE for node in definition.nodes):
        yield f"two nodes of type {NATIVE_TYPE} have one id"
    for node in definition.nodes:
        if node.type != NATIVE_TYPE:
            continue
        try:
            settings = NativeSettings.model_validate(node.config)
        except ValidationError as error:
            yield from (f"node {node.id} ({node.type}): {fault}" for fault in describe_faults(error))
        else:
            yield from (f"node {node.id} ({node.type}): {fault}" for fault in native_faults(settings))
    for connection in definition.connections:
        for end in (connection.source, connection.target):
            if end in natives:
                name = f"connection {connection.source} to {connection.target}"
                yield f"{name}: {NATIVE_TYPE} {end} takes and sends no messages; wire within its flows"
