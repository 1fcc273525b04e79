"""The scripts of translated nodes, run by Node.js beside the built-in nodes: a flow means the same on both runtimes."""

import functools
import itertools
import json
from typing import Any, Final

import pytest
from pydantic import JsonValue

from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.nodes.base import NodeEnvironment, NodeError
from edge_agent.flows.builtin.nodes.switch import SwitchNode
from edge_agent.flows.builtin.sensors import SimulatedSensor
from edge_agent.flows.language.messages import Message
from edge_agent.flows.node_red.nodes.dht import read_dht
from edge_agent.flows.node_red.nodes.mqtt_out import write_mqtt
from edge_agent.flows.node_red.nodes.switch import choose_port
from edgeflow.contract.nodes.dht import DhtModel
from edgeflow.contract.nodes.mqtt_out import MAX_PAYLOAD_BYTES
from edgeflow.contract.nodes.switch import SwitchSettings
from tests.support.node_red_scripts import Script, Told, message, run_scripts


def _port(told: Told) -> int | str | None:
    """Return the port a message was sent to, "fault", or None."""
    if told.errors:
        return "fault"
    return told.sent[0][0] if told.sent else None


def _at(script: str, milliseconds: float) -> dict[str, Any]:
    """Return the payload that a script sends at a time of day."""
    [[told]] = run_scripts([Script(script, [message(None)], milliseconds)])
    assert told.sent[0][1]["metadata"] == {"simulated": "true"}
    payload: dict[str, Any] = told.payloads[0]
    return payload


def _built_in(settings: dict[str, Any], variables: dict[str, Any], payload: JsonValue) -> int | str | None:
    """Return what the built-in switch does with a message."""
    context = FlowContext(device_id="d", flow_id="flow_1", hardware={}, publish=lambda *_, **__: None)
    environment = NodeEnvironment(node_id="n", context=context, variables=variables, now=lambda: 0.0)
    node = SwitchNode(SwitchSettings.model_validate(settings), environment)
    ports: list[int] = []

    def emit(message: Message, *, port: int = 0) -> None:
        assert message.payload == payload
        ports.append(port)

    node.start(emit, _NoTimers())
    try:
        node.receive(Message(payload=payload, source="s"))
    except NodeError:
        return "fault"
    return ports[0] if ports else None


class _NoTimers:
    def soon(self, *_: object) -> None:
        """Do nothing."""

    def handle(self, *_: object) -> None:
        """Do nothing."""

    def after(self, *_: object) -> None:
        """Do nothing."""

    def every(self, *_: object) -> None:
        """Do nothing."""


PAYLOADS: Final[list[JsonValue]] = json.loads("""[
    30, 31.5, 0, -1, "30", "a", "", true, false, null, [], [1], {}, {"temperature": 31}, {"value": 29},
    {"temperature": "31"}, {"temperature": null, "value": 40}, {"hall": {"load": 5}}, {"hall": [1]}, {"hall": {}}
]""")
SETTINGS: Final[list[dict[str, Any]]] = [
    *({"rules": [{"operator": operator, "value": 30}]} for operator in (">", ">=", "<", "<=", "==", "!=")),
    *({"rules": [{"operator": operator, "value": "a"}]} for operator in (">", ">=", "<", "<=", "==", "!=")),
    *(
        {"rules": [{"operator": operator, "value": value}]}
        for operator in ("==", "!=")
        for value in (None, True, False)
    ),
    {"rules": [{"operator": "==", "variable": "list"}], "otherwise": 3},
    {"rules": [{"operator": "!=", "variable": "object", "port": 4}]},
    {"property": "hall.load", "rules": [{"operator": ">", "value": 3, "port": 1}]},
    {"property": "hall.load", "rules": [{"operator": ">", "value": 3, "port": 1}], "otherwise": 2},
    {"rules": [{"operator": ">", "value": 100}, {"operator": ">", "variable": "threshold", "port": 2}], "otherwise": 5},
    {"property": "hall[0]", "rules": [{"operator": "==", "value": 1, "port": 3}], "otherwise": 0},
    {"property": 'hall["load"]', "rules": [{"operator": "==", "value": 5, "port": 3}], "otherwise": 0},
    {},
]
VARIABLES: Final = {"threshold": 30, "list": [1], "object": {"temperature": 31}}


def test_a_switch_sends_every_message_where_the_built_in_one_does() -> None:
    pairs = list(itertools.product(SETTINGS, PAYLOADS))
    scripts = [
        Script(choose_port(SwitchSettings.model_validate(settings), VARIABLES), [message(payload)])
        for settings, payload in pairs
    ]
    said = [_port(told) for (told,) in run_scripts(scripts)]
    expected = [_built_in(settings, VARIABLES, payload) for settings, payload in pairs]
    different = [
        (settings, payload, here, there)
        for (settings, payload), here, there in zip(pairs, said, expected, strict=True)
        if here != there
    ]
    assert different == []
    assert {"fault", None, 0, 1, 2, 3, 4, 5} == set(said)


@pytest.mark.parametrize("model", list(DhtModel))
def test_a_simulated_sensor_reads_what_the_built_in_one_does(model: DhtModel) -> None:
    sensor = SimulatedSensor("dev_007", model)
    seconds = [1_000_000 + 0.7 * step for step in range(120)]
    script = read_dht("dev_007", model, "celsius")
    scripts = [Script(script, [message(None)], second * 1_000) for second in seconds]
    said = [told.payloads[0] for (told,) in run_scripts(scripts)]
    digit = 1 if model is DhtModel.DHT11 else 0.1  # JavaScript rounds a half up, Python to the even digit
    for second, each in zip(seconds, said, strict=True):
        reading = sensor.read(second)
        assert each["temperature"] == pytest.approx(reading.temperature, abs=digit + 1e-9)
        assert each["humidity"] == pytest.approx(reading.humidity, abs=digit + 1e-9)
    exact = sum(each["temperature"] == sensor.read(at).temperature for at, each in zip(seconds, said, strict=True))
    assert exact >= len(seconds) - 2


def test_a_temperature_is_told_in_fahrenheit() -> None:
    run = functools.partial(read_dht, "dev_007", DhtModel.DHT22)
    celsius, fahrenheit = (_at(run(unit), 5) for unit in ("celsius", "fahrenheit"))
    expected = round(celsius["temperature"] * 9 / 5 + 32, 1)
    assert fahrenheit["temperature"] == pytest.approx(expected, abs=0.05)


def test_a_payload_is_published_as_json_unless_it_is_too_large() -> None:
    script = write_mqtt("edgeflow/devices/d/out/a")
    fits = "x" * (MAX_PAYLOAD_BYTES - 2)
    steps = [message("hot"), {"msg": {}}, message(fits), message(fits + "x")]
    [[text, absent, largest, too_large]] = run_scripts([Script(script, steps)])
    assert text.sent == [(0, {"_msgid": "m", "topic": "edgeflow/devices/d/out/a", "payload": '"hot"'})]
    assert absent.payloads == ["null"]
    assert (largest.errors, [len(payload) for payload in largest.payloads]) == ([], [MAX_PAYLOAD_BYTES])
    assert (too_large.payloads, too_large.errors) == ([], ["A message of 131073 bytes was dropped; MQTT takes 131072."])
