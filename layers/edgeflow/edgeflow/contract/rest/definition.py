"""A flow's definition as requests write it: within narrower bounds than what is at rest is read by.

Versions are frozen, and devices run them for years. So a bound that is put on authors is not put on readers, who could
no longer read what was published before it.
"""

from typing import Annotated, Final

from pydantic import Field

from edgeflow.contract.flow import MAX_NODE_NAME_LENGTH, MAX_NODES, Definition, Node
from edgeflow.contract.rest.texts import ONE_LINE, SEEN

MAX_COORDINATE: Final = 1_000_000
"""Pixels in each direction from the editor's origin: a thousand screens."""

NodeName = Annotated[str, Field(max_length=MAX_NODE_NAME_LENGTH), ONE_LINE, SEEN]
Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]


class NodeBody(Node):
    """A node as a request writes it."""

    name: Annotated[NodeName, Field(description="For people")] = ""
    x: Annotated[Coordinate, Field(description="Where an editor draws it, in pixels from its origin to the right")] = 0
    y: Annotated[Coordinate, Field(description="Likewise, downwards")] = 0


class DefinitionBody(Definition):
    """A definition as a request writes it."""

    nodes: tuple[NodeBody, ...] = Field(default=(), max_length=MAX_NODES, description="The steps")

    def as_definition(self) -> Definition:
        """Return what is stored and published of it."""
        return Definition.model_validate(self.model_dump())
