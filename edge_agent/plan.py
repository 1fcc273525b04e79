"""From an artifact's bytes to a flow that can be started: every check that needs no running."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from edge_agent.document import faults
from edge_agent.errors import JobError
from edge_agent.nodes import NODE_TYPES
from edge_agent.nodes.base import NodeConfig, NodeType
from edgeflow.contract.flow import FLOW_SCHEMA, FlowArtifact
from edgeflow.contract.reasons import Reason
from edgeflow.contract.variables import read_variable


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """One node, its type found and its settings read."""

    node_id: str
    type: NodeType[Any]
    config: NodeConfig


@dataclass(frozen=True, slots=True)
class Plan:
    """A flow that can be started. ``wires`` gives the targets of each output: (node id, port) to node ids."""

    nodes: tuple[PlannedNode, ...]
    wires: Mapping[tuple[str, int], tuple[str, ...]]
    variables: Mapping[str, Any]


def plan_flow(content: bytes) -> Plan:
    """Read an artifact and check all of it.

    Raises:
        JobError: ``unsupported_schema``, ``unknown_node_type`` or ``invalid_artifact``.
    """
    artifact = _read(content)
    definition = artifact.definition
    unknown = sorted({node.type for node in definition.nodes} - NODE_TYPES.keys())
    if unknown:
        known = ", ".join(sorted(NODE_TYPES))
        message = f"this agent has no node type {', '.join(unknown)}; it has {known}"
        raise JobError(Reason.UNKNOWN_NODE_TYPE, message)
    problems: list[str] = []
    variables: dict[str, Any] = {}
    for variable in definition.variables:
        try:
            variables[variable.name] = read_variable(variable)
        except ValueError as error:
            problems.append(f"variable {variable.name}: {error}")
    nodes: dict[str, PlannedNode] = {}
    for node in definition.nodes:
        if node.id in nodes:
            problems.append(f"node {node.id} is there twice")
        node_type = NODE_TYPES[node.type]
        try:
            nodes[node.id] = PlannedNode(node.id, node_type, node_type.read(node.config, variables))
        except ValidationError as error:
            problems.append(f"node {node.id} ({node.type}): {faults(error)}")
        except ValueError as error:
            problems.append(f"node {node.id} ({node.type}): {error}")
    known_ids = {node.id for node in definition.nodes}
    wires: dict[tuple[str, int], list[str]] = {}
    for connection in definition.connections:
        problems += [
            f"a connection names node {end}, which is not there"
            for end in (connection.source, connection.target)
            if end not in known_ids
        ]
        wires.setdefault((connection.source, connection.port), []).append(connection.target)
    if not nodes and not problems:
        problems.append("the flow has no nodes")
    if problems:
        raise JobError(Reason.INVALID_ARTIFACT, "; ".join(problems))
    return Plan(tuple(nodes.values()), {output: tuple(targets) for output, targets in wires.items()}, variables)


def _read(content: bytes) -> FlowArtifact:
    try:
        return FlowArtifact.model_validate_json(content)
    except ValidationError as error:
        if any(fault["loc"] == ("schema",) for fault in error.errors()):
            message = f"this agent runs flows of {FLOW_SCHEMA}; update the agent"
            raise JobError(Reason.UNSUPPORTED_SCHEMA, message) from error
        raise JobError(Reason.INVALID_ARTIFACT, f"the artifact is not a flow: {faults(error)}") from error
