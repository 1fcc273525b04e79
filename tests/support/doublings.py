"""Flows in which two nodes double a payload sixty times: a few settings ask for more than all memory."""

import itertools
from typing import Any, Final

DOUBLE: Final = [
    {"action": "set", "property": "[0]", "from": ""},
    {"action": "set", "property": "[1]", "from": "[0]"},
]
"""Makes [x, x] of a list x: half of what is in it is the other half, too."""


def doublings(count: int) -> list[dict[str, Any]]:
    """Return rules of a ``change`` node that double an empty list so many times."""
    return [{"action": "set", "value": []}, *(DOUBLE * count)]


def _flow(rounds: int, *last: dict[str, Any]) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = [
        {"id": "in", "type": "inject", "config": {"interval": "1s", "payload": []}},
        {"id": "first", "type": "change", "config": {"rules": doublings(rounds)}},
        {"id": "second", "type": "change", "config": {"rules": DOUBLE * rounds}},
        *last,
    ]
    return {
        "nodes": nodes,
        "connections": [{"source": one["id"], "target": other["id"]} for one, other in itertools.pairwise(nodes)],
    }


PUBLISHED: Final = _flow(30, {"id": "out", "type": "mqtt_out", "config": {}})
COMPARED: Final = _flow(
    31,
    {
        "id": "text",
        "type": "template",
        "config": {"template": "{{ 'same' if payload[0] == payload[1] else 'other' }}"},
    },
    {"id": "out", "type": "mqtt_out", "config": {}},
)
