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

    id: Annotated[NodeId, Field(description="By which connections name it")]
    type: Annotated[NodeType, Field(description="What it does, by the name of a node type")]
    name: str = Field(default="", max_length=MAX_NODE_NAME_LENGTH, description="For people")
    config: dict[str, Any] = Field(default_factory=dict, description="The settings of its type")
    x: Annotated[float, Field(description="Where an editor draws it, in pixels from its origin to the right")] = 0
    y: Annotated[float, Field(description="Likewise, downwards")] = 0


class Connection(_Strict):
    """A wire from one node to another. ``port`` is the source's output, counted from 0."""

    source: Annotated[NodeId, Field(description="The node that sends")]
    target: Annotated[NodeId, Field(description="The node that gets it")]
    port: int = Field(default=0, ge=0, le=63, description="The source's output, counted from 0")


class Variable(_Strict):
    """A typed constant that nodes may refer to by name. ``"30"`` with type ``number`` reads as 30."""

    name: Annotated[VariableName, Field(description="By which nodes refer to it")]
    type: Annotated[VariableType, Field(description="What its value reads as")]
    value: Annotated[Any, Field(description="Written as a string, or as a JSON value")] = None


class Definition(_Strict):
    """Nodes, connections, variables and health checks. A draft may be incomplete; publishing validates the graph."""

    nodes: tuple[Node, ...] = Field(default=(), max_length=MAX_NODES, description="The steps")
    connections: tuple[Connection, ...] = Field(
        default=(), max_length=MAX_CONNECTIONS, description="Which node sends to which"
    )
    variables: tuple[Variable, ...] = Field(
        default=(), max_length=MAX_VARIABLES, description="Constants that nodes refer to by name"
    )
    health_checks: tuple[HealthCheckDefinition, ...] = Field(
        default=(),
        max_length=MAX_HEALTH_CHECKS,
        description="What must be true on the device for the flow to be healthy",
    )


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
