"""What only people can say of a type: a name for a palette, and settings to begin with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from edgeflow.contract.nodes.kinds import NATIVE_TYPE


@dataclass(frozen=True)
class Title:
    """A type's name for people, and examples of its settings; the first is the one to begin with."""

    title: str
    examples: tuple[Mapping[str, Any], ...]


TITLES: Final[Mapping[str, Title]] = {
    "catch": Title("Catch failures", ({}, {"nodes": ["n1"], "handled": True})),
    "change": Title(
        "Change",
        (
            {"rules": [{"action": "set", "property": "hall", "value": 3}]},
            {"rules": [{"action": "move", "property": "temp", "to": "temperature"}]},
            {"rules": [{"action": "delete", "property": "raw"}]},
        ),
    ),
    "debug": Title("Debug", ({}, {"keep": 10})),
    "delay": Title("Delay", ({"time": "5s"}, {"mode": "rate", "messages": 1, "time": "1m", "excess": "drop"})),
    "dht": Title("Temperature and humidity", ({}, {"model": "DHT22", "interval": "10s", "unit": "celsius"})),
    "expression": Title("Expression", ({"expression": "temperature * 1.8 + 32", "property": "temperature"},)),
    "file": Title(
        "File",
        (
            {"action": "append", "path": "readings/day.txt", "format": "json"},
            {"action": "read", "path": "settings.json", "format": "json"},
        ),
    ),
    "filter": Title(
        "Filter", ({}, {"property": "temperature", "mode": "deadband", "band": 0.5}, {"by": "sensor", "mode": "change"})
    ),
    "gpio_in": Title("GPIO input", ({"line": 17}, {"line": "DOOR", "bias": "pull_up", "debounce": 50})),
    "gpio_out": Title("GPIO output", ({"line": 27}, {"line": 27, "pulse": 500, "active_low": True})),
    "http_request": Title(
        "HTTP request",
        (
            {"url": "https://example.com/readings", "method": "POST"},
            {"url": "https://${host}/readings", "headers": {"Authorization": "Bearer ${secret:API_TOKEN}"}},
        ),
    ),
    "inject": Title("Inject", ({"payload": {"temperature": 31}}, {"payload": True, "interval": "10s", "once": False})),
    "link_in": Title("Link in", ({}, {"link": "alerts"})),
    "link_out": Title("Link out", ({}, {"link": "alerts"})),
    "mqtt_in": Title("MQTT in", ({}, {"topic": "orders/+/new", "format": "json"})),
    "mqtt_out": Title("MQTT out", ({}, {"topic": "alerts/hall-3", "qos": 1, "store": True})),
    NATIVE_TYPE: Title(
        "Node-RED nodes",
        (
            {
                "flows": [
                    {"id": "a1", "type": "inject", "wires": [["b2"]]},
                    {"id": "b2", "type": "debug", "wires": []},
                ]
            },
        ),
    ),
    "status": Title("Health of nodes", ({}, {"nodes": ["n1"]})),
    "switch": Title(
        "Switch",
        (
            {},
            {"property": "temperature", "rules": [{"operator": ">", "value": 30, "port": 0}], "otherwise": 1},
        ),
    ),
    "template": Title("Template", ({"template": "It is {{ payload.temperature }} degrees."},)),
}
