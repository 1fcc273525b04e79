"""Definitions of flows as they are at rest, in a draft or in the artifact of a published version."""

import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, Field

from edgeflow.adapters.attributes import checked_json
from edgeflow.adapters.stored import Stored
from edgeflow.contract import health_checks
from edgeflow.contract.flow import FLOW_SCHEMA, Connection, Definition, FlowArtifact, Node, Variable, VariableType


def _place(value: object) -> object:
    """Read a place in the editor; one that is not finite is the origin, for it means nothing to a device.

    Older releases let such numbers in, and wrote them as null.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return 0.0
    return value


_Place = Annotated[float, BeforeValidator(_place)]


class StoredNode(Stored):
    """One step of a flow."""

    contract: ClassVar[type[BaseModel]] = Node

    id: str
    type: str
    name: str = ""
    config: dict[str, Any] = Field(default_factory=dict)
    x: _Place = 0
    y: _Place = 0


class StoredConnection(Stored):
    """A wire between two nodes."""

    contract: ClassVar[type[BaseModel]] = Connection

    source: str
    target: str
    port: int = 0


class StoredVariable(Stored):
    """A typed constant."""

    contract: ClassVar[type[BaseModel]] = Variable

    name: str
    type: VariableType
    value: Any = None


class StoredEmittedCheck(Stored):
    """A health check of a node's messages."""

    contract: ClassVar[type[BaseModel]] = health_checks.EmittedCheck

    name: str
    type: Literal["emitted"]
    node: str
    within: str = "30s"


class StoredHttpCheck(Stored):
    """A health check by HTTP."""

    contract: ClassVar[type[BaseModel]] = health_checks.HttpCheck

    name: str
    type: Literal["http"]
    url: str
    status: int | None = None
    interval: str = "10s"
    timeout: str = "5s"
    grace: str = "30s"


class StoredCommandCheck(Stored):
    """A health check by a program."""

    contract: ClassVar[type[BaseModel]] = health_checks.CommandCheck

    name: str
    type: Literal["command"]
    command: tuple[str, ...]
    interval: str = "10s"
    timeout: str = "5s"
    grace: str = "30s"


StoredCheck = Annotated[StoredEmittedCheck | StoredHttpCheck | StoredCommandCheck, Field(discriminator="type")]


class StoredDefinition(Stored):
    """The whole graph."""

    contract: ClassVar[type[BaseModel]] = Definition

    nodes: tuple[StoredNode, ...] = ()
    connections: tuple[StoredConnection, ...] = ()
    variables: tuple[StoredVariable, ...] = ()
    health_checks: tuple[StoredCheck, ...] = ()


class StoredArtifact(Stored):
    """What a device downloads."""

    contract: ClassVar[type[BaseModel]] = FlowArtifact

    schema_: Literal["edgeflow.flow/1"] = Field(default=FLOW_SCHEMA, alias="schema")
    definition: StoredDefinition


def read_definition(stored: str) -> Definition:
    """Return the definition that a stored JSON text is. Raises ValueError."""
    return _definition(StoredDefinition.model_validate_json(stored))


def read_artifact(stored: bytes) -> Definition:
    """Return the definition that an artifact's bytes hold. Raises ValueError."""
    return _definition(StoredArtifact.model_validate_json(stored).definition)


def _definition(stored: StoredDefinition) -> Definition:
    checked_json(stored.model_dump(), "definition")
    definition: Definition = stored.as_contract()
    return definition
