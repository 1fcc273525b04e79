"""A flow's definition: the graph that operators author and devices run, and its artifact form.

The artifact is the canonical JSON (sorted keys, no spaces, UTF-8) of :class:`FlowArtifact`. It holds
no flow id and no version, so equal definitions have equal SHA-256 and a device downloads them once.
"""

import json
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from edgeflow.contract.health_checks import MAX_HEALTH_CHECKS, HealthCheckDefinition

FLOW_SCHEMA: Final = "edgeflow.flow/1"

MAX_NODES = 1_000
MAX_NODE_NAME_LENGTH = 128
MAX_CONNECTIONS = 5_000
MAX_VARIABLES = 200
MAX_ARTIFACT_BYTES = 256 * 1024  # a flow's draft lives in one DynamoDB item of at most 400 KB

NodeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
NodeType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]


class VariableType(StrEnum):
    """The types a flow variable can have; ``value`` is always written as a string or a JSON value."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Node(_Strict):
    """One step of a flow. ``config`` is read by the node type; ``x`` and ``y`` are the editor's, in pixels."""

    id: NodeId
    type: NodeType
    name: str = Field(default="", max_length=MAX_NODE_NAME_LENGTH)
    config: dict[str, Any] = Field(default_factory=dict)
    x: float = 0
    y: float = 0


class Connection(_Strict):
    """A wire from one node to another. ``port`` is the source's output, counted from 0."""

    source: NodeId
    target: NodeId
    port: int = Field(default=0, ge=0, le=63)


class Variable(_Strict):
    """A typed constant that nodes may refer to by name. ``"30"`` with type ``number`` reads as 30."""

    name: VariableName
    type: VariableType
    value: Any = None


class Definition(_Strict):
    """Nodes, connections, variables and health checks. A draft may be incomplete; publishing validates the graph."""

    nodes: tuple[Node, ...] = Field(default=(), max_length=MAX_NODES)
    connections: tuple[Connection, ...] = Field(default=(), max_length=MAX_CONNECTIONS)
    variables: tuple[Variable, ...] = Field(default=(), max_length=MAX_VARIABLES)
    health_checks: tuple[HealthCheckDefinition, ...] = Field(default=(), max_length=MAX_HEALTH_CHECKS)


class FlowArtifact(BaseModel):
    """What a device downloads and runs."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    schema_: Literal["edgeflow.flow/1"] = Field(default=FLOW_SCHEMA, alias="schema")
    definition: Definition

    def canonical_bytes(self) -> bytes:
        """Return the one byte form of this artifact, the form its SHA-256 is taken over."""
        document = self.model_dump(mode="json", by_alias=True)
        if not self.definition.health_checks:
            del document["definition"]["health_checks"]  # agents that do not know them can run the flow, too
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
