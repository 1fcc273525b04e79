"""Flows that are well on a device, or not, and the hardware that decides it."""

from typing import Any, Final

GOOD: Final[dict[str, Any]] = {
    "nodes": [{"id": "n1", "type": "dht", "config": {}}, {"id": "n2", "type": "debug", "config": {}}],
    "connections": [{"source": "n1", "target": "n2"}],
}
NEEDS_DHT11: Final[dict[str, Any]] = GOOD | {
    "nodes": [{"id": "n1", "type": "dht", "config": {"model": "DHT11"}}, GOOD["nodes"][1]]
}
"""Unhealthy on devices whose hardware has another sensor."""
FALLS_ILL: Final[dict[str, Any]] = {
    "nodes": [
        {"id": "n0", "type": "inject", "config": {"payload": 1}},
        {"id": "n1", "type": "inject", "config": {"payload": "no number"}},
        {"id": "n2", "type": "delay", "config": {"mode": "rate", "time": "5s"}},
        {"id": "n3", "type": "switch", "config": {}},
    ],
    "connections": [
        {"source": "n0", "target": "n2"},
        {"source": "n1", "target": "n2"},
        {"source": "n2", "target": "n3"},
    ],
    "variables": [{"name": "threshold", "type": "number", "value": "30"}],
}
"""Healthy for the whole health window, and not any more after five seconds: the switch cannot compare the payload.

Its first work succeeds, so that no window is made longer for it; what fails is the second message, held back by ``n2``.
"""
OTHER_SENSOR: Final = {"dht_model": "DHT22"}
