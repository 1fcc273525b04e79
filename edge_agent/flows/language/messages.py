"""What travels along a flow's connections."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. Nodes share it, so none changes its payload.

    Attributes:
        payload: any JSON value.
        source: id of the node that made it.
        metadata: what else is known of it, such as a measurement's unit.
    """

    payload: JsonValue
    source: str
    metadata: Mapping[str, str] = field(default_factory=dict)
