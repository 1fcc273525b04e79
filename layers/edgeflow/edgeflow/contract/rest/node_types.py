"""Answer of ``/v1/node-types``."""

from typing import Any, Literal

from pydantic import BaseModel


class NodeType(BaseModel):
    """What an editor needs to offer a type of node, and to ask for its settings.

    Attributes:
        type: by which flows name it.
        title: its name for people.
        summary: what it does, in a clause.
        documentation: a paragraph, in Markdown.
        runtimes: those of a device's two runtimes that have it.
        inputs: 1 when messages can be sent to it, else 0.
        outputs: how many ports connections can start at, counted from 0; null when its settings decide.
        settings: a JSON Schema (draft 2020-12) of ``config``. What it cannot say is checked when the flow is published.
            Its formats are ``interval``, a time such as ``5m`` or ``1h30m``, from one second to seven days;
            ``payload-path``, a place in a payload such as ``hall.load``; and ``with-references``, a text in which
            ``${name}`` stands for a variable and ``${secret:NAME}`` for a secret.
        examples: settings that are valid; the first ones are those to begin with.
    """

    type: str
    title: str
    summary: str
    documentation: str
    runtimes: list[Literal["builtin", "node-red"]]
    inputs: Literal[0, 1]
    outputs: int | None
    settings: dict[str, Any]
    examples: list[dict[str, Any]]


class NodeTypeList(BaseModel):
    """Answer of ``GET /v1/node-types``: every type that EdgeFlow knows, by name."""

    node_types: list[NodeType]
