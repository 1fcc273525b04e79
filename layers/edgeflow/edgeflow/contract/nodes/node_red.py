"""``node-red``: holds nodes as Node-RED exports them, for devices whose flows a Node-RED runs."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind


def _must_be_items(flows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for place, item in enumerate(flows):
        for key in ("id", "type"):
            if not isinstance(item.get(key), str) or not item[key]:
                message = f"item {place} has no {key}; give what Node-RED exports, a list of nodes"
                raise ValueError(message)
        wires = item.get("wires", [])
        if not isinstance(wires, list) or not all(
            isinstance(port, list) and all(isinstance(target, str) for target in port) for port in wires
        ):
            message = f"the wires of item {item['id']} are not lists of ids"
            raise ValueError(message)
    return flows


class NativeSettings(NodeSettings):
    """An export of Node-RED, and further types of its nodes that stay silent while the version stands by."""

    flows: Annotated[list[dict[str, Any]], AfterValidator(_must_be_items)] = Field(min_length=1, max_length=2_000)
    mute: list[str] = Field(default_factory=list, max_length=64)


class NativeKind(NodeKind[NativeSettings]):
    """``node-red``, as a flow names it; nothing connects it, for what it holds is wired within."""

    settings_type: ClassVar[type[NodeSettings]] = NativeSettings
    takes_messages: ClassVar[bool] = False

    @classmethod
    def ports(cls, settings: NativeSettings) -> frozenset[int]:  # noqa: ARG003  none, whatever the settings
        """Return no output."""
        return frozenset()
