"""A node's settings where nobody knows yet what their references stand for: each device has values of its own."""

from collections.abc import Mapping
from typing import Any, Final

from edgeflow.contract.flow import Node
from edgeflow.contract.references import PLACES, Reference, TextKind, parse_references

_STAND_INS: Final[Mapping[TextKind, str]] = {
    TextKind.URL: "http://host",
    TextKind.HEADER: "value",
    TextKind.TOPIC: "topic",
    TextKind.LOGIN: "name",
}
"""A text of each kind that is well wherever such a text may be."""


def config_with_stand_ins(node: Node) -> dict[str, Any]:
    """Return a node's settings with another text in place of each that holds references, or what cannot be read as one.

    So what is left to find fault with is at fault on every device. A text without references is as it is meant.
    """
    places = PLACES.get(node.type)
    if places is None:
        return node.config
    config = dict(node.config)
    for setting, kind in places.items():
        value = config.get(setting)
        if isinstance(value, str):
            config[setting] = _known(kind, value)
        elif isinstance(value, dict) and kind is TextKind.HEADER:
            config[setting] = {
                name: _known(kind, text) if isinstance(text, str) else text for name, text in value.items()
            }
    return config


def _known(kind: TextKind, text: str) -> str:
    try:
        parts = parse_references(text)
    except ValueError:
        return _STAND_INS[kind]
    literal = [part for part in parts if not isinstance(part, Reference)]
    return "".join(literal) if len(literal) == len(parts) else _STAND_INS[kind]
