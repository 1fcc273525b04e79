"""Answer of ``/v1/node-types``."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field


class NodeType(BaseModel):
    """What an editor needs to offer a type of node, and to ask for its settings."""

    type: Annotated[str, Field(description="By which flows name it")]
    title: Annotated[str, Field(description="Its name for people")]
    summary: Annotated[str, Field(description="What it does, in a clause")]
    documentation: Annotated[str, Field(description="A paragraph, in Markdown")]
    runtimes: Annotated[
        list[Literal["builtin", "node-red"]],
        Field(description="Those of a device's two runtimes that have it"),
    ]
    inputs: Annotated[Literal[0, 1], Field(description="1 when messages can be sent to it, else 0")]
    outputs: Annotated[
        int | None,
        Field(description="How many ports connections can start at, counted from 0; null when its settings decide"),
    ]
    settings: Annotated[
        dict[str, Any],
        Field(
            description="A JSON Schema (draft 2020-12) of `config`. Its formats are `interval` (a time such as "
            "`5m`, from a second to seven days), `payload-path` (a place such as `hall.load`) and "
            "`with-references` (a text with `${name}` for a variable or `${secret:NAME}` for a "
            "secret)"
        ),
    ]
    examples: Annotated[
        list[dict[str, Any]],
        Field(description="Settings that are valid; the first are those to begin with"),
    ]


class NodeTypeList(BaseModel):
    """Answer of ``GET /v1/node-types``: every type that EdgeFlow knows, by name."""

    node_types: list[NodeType]
