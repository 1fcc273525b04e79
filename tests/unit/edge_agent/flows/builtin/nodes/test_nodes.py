"""Each node type, by what it does in a flow."""

import json
from typing import Any

import pytest

from edge_agent.flows.builtin.nodes.debug import DebugNode
from edge_agent.flows.builtin.nodes.mqtt_out import MAX_KEPT_MESSAGES
from edge_agent.flows.builtin.sensors import SimulatedSensor
from edgeflow.contract.nodes.dht import DhtModel
from edgeflow.contract.nodes.mqtt_out import MAX_PAYLOAD_BYTES
from edgeflow.contract.report import Health
from tests.unit.edge_agent.flows.builtin.bench import DEVICE_ID, Bench, ScriptedSensor, chain, node, variable

THRESHOLD = variable("threshold", "number", "30")


def _kept(bench: Bench, node_id: str = "out") -> list[Any]:
    debug = bench.flow.node(node_id)
    assert isinstance(debug, DebugNode)
    return [message.payload for message in debug.messages]


# --- dht


def test_dht_reads_at_its_interval() -> None:
    sensor = ScriptedSensor(21.5)
    with Bench(chain(node("in", "dht", interval="5s"), node("out", "debug")), open_sensor=sensor.open) as bench:
        bench.run(11)
        assert _kept(bench) == [{"temperature": 21.5, "humidity": 50.0}] * 3


def test_dht_leaves_out_readings_it_missed() -> None:
    sensor = ScriptedSensor()
    with Bench(chain(node("in", "dht"), node("out", "debug")), open_sensor=sensor.open) as bench:
        bench.clock.advance(60)
        assert len(_kept(bench)) == 2


def test_dht_converts_to_fahrenheit_and_names_the_unit() -> None:
    sensor = ScriptedSensor(21.5)
    with Bench(chain(node("in", "dht", unit="fahrenheit"), node("out", "debug")), open_sensor=sensor.open) as bench:
        debug = bench.flow.node("out")
        assert isinstance(debug, DebugNode)
        assert debug.messages[0].payload == {"temperature": 70.7, "humidity": 50.0}
        assert debug.messages[0].metadata == {"model": "DHT22", "unit": "fahrenheit"}


@pytest.mark.parametrize(
    ("needed", "hardware", "opened"),
    [
        ({}, {}, "DHT22"),
        ({}, {"dht_model": "DHT11"}, "DHT11"),
        ({"model": "AM2302"}, {}, "AM2302"),
        ({"model": "DHT11"}, {"dht_model": "DHT11", "dht_pin": 4}, "DHT11"),
    ],
)
def test_dht_opens_the_device_s_sensor(needed: dict[str, str], hardware: dict[str, Any], opened: str) -> None:
    sensor = ScriptedSensor()
    with Bench({"nodes": [node("in", "dht", **needed)]}, hardware=hardware, open_sensor=sensor.open) as bench:
        assert bench.flow.health()[0] is Health.HEALTHY
    assert sensor.opened == opened


def test_dht_of_another_model_than_the_device_s_is_unhealthy_and_names_both() -> None:
    definition = chain(node("in", "dht", model="DHT11"), node("out", "debug"))
    with Bench(definition, hardware={"dht_model": "DHT22"}) as bench:
        bench.run(2)
        assert bench.errors() == {"in": "The node needs a DHT11 sensor, but this device has a DHT22."}
        assert _kept(bench) == []


@pytest.mark.parametrize("model", ["BME280", 22, ["DHT22"]])
def test_dht_with_hardware_that_is_none_of_the_family_is_unhealthy(model: object) -> None:
    with Bench({"nodes": [node("in", "dht")]}, hardware={"dht_model": model}) as bench:
        assert "dht_model can be one of DHT11, DHT22, AM2302" in bench.errors()["in"]


def test_dht_whose_driver_does_not_open_is_unhealthy() -> None:
    def refuse(device_id: str, model: DhtModel, hardware: object) -> Any:  # noqa: ANN401  returns nothing
        raise PermissionError(13, "Permission denied", "/dev/gpiochip0")

    with Bench({"nodes": [node("in", "dht")]}, open_sensor=refuse) as bench:
        assert bench.errors()["in"].startswith("The DHT22 sensor cannot be opened: ")


def test_every_simulated_sensor_crosses_30_degrees_each_minute_in_its_own_rhythm() -> None:
    curves = []
    for number in range(20):
        for model in DhtModel:
            sensor = SimulatedSensor(f"dev_{number:03d}", model)
            curve = [sensor.read(float(second)).temperature for second in range(60)]
            assert min(curve) < 25
            assert 30 < max(curve) < 35
            curves.append(curve)
    assert len({tuple(curve) for curve in curves}) >= 20


def test_a_simulated_dht11_measures_whole_degrees() -> None:
    sensor = SimulatedSensor(DEVICE_ID, DhtModel.DHT11)
    assert all(sensor.read(second).temperature.is_integer() for second in range(60))


# --- switch


def _passes(payload: object, *variables: dict[str, Any], **settings: Any) -> bool:  # noqa: ANN401  any setting
    switch = node("if", "switch", **settings)
    with Bench(
        chain(node("in", "inject", payload=payload), switch, node("out", "debug"), variables=variables)
    ) as bench:
        assert bench.errors() == {}
        return bool(_kept(bench))


@pytest.mark.parametrize("payload", [30.1, {"temperature": 31}, {"value": 31}, {"temperature": 31, "value": 1}])
def test_switch_passes_on_what_exceeds_the_threshold(payload: object) -> None:
    assert _passes(payload, THRESHOLD)


@pytest.mark.parametrize("payload", [30, 29.9, {"temperature": 30}, {"value": -1}])
def test_switch_passes_on_nothing_up_to_the_threshold(payload: object) -> None:
    assert not _passes(payload, THRESHOLD)


@pytest.mark.parametrize(
    ("operator", "low", "equal", "high"),
    [
        (">", False, False, True),
        (">=", False, True, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        ("==", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_switch_compares(operator: str, *, low: bool, equal: bool, high: bool) -> None:
    rules = [{"operator": operator, "value": 5}]
    assert [_passes(value, rules=rules) for value in (4, 5, 6)] == [low, equal, high]


def test_switch_compares_strings_and_booleans_in_their_type() -> None:
    mode = variable("mode", "string", "night")
    assert _passes("night", mode, rules=[{"operator": "==", "variable": "mode"}])
    assert _passes("b", rules=[{"operator": ">", "value": "a"}])
    assert not _passes(1, rules=[{"operator": "==", "value": True}])
    assert _passes(True, variable("on", "boolean", "true"), rules=[{"operator": "==", "variable": "on"}])
    assert _passes(None, rules=[{"operator": "==", "value": None}])


def test_switch_finds_a_value_deep_in_the_payload() -> None:
    rules = [{"operator": ">", "value": 1}]
    assert _passes({"hall": {"load": 2}}, property="hall.load", rules=rules)


def test_switch_sends_to_the_first_rule_that_holds_or_otherwise() -> None:
    rules = [{"operator": ">", "value": 30, "port": 2}, {"operator": ">", "value": 10, "port": 1}]
    definition: dict[str, Any] = {
        "nodes": [
            *(node(f"in{i}", "inject", payload=payload) for i, payload in enumerate((40, 20, 5, "none"))),
            node("if", "switch", rules=rules, otherwise=0),
            *(node(f"out{port}", "debug") for port in range(3)),
        ],
        "connections": [
            *({"source": f"in{i}", "target": "if"} for i in range(4)),
            *({"source": "if", "target": f"out{port}", "port": port} for port in range(3)),
        ],
    }
    with Bench(definition) as bench:
        assert [_kept(bench, f"out{port}") for port in range(3)] == [[5, "none"], [20], [40]]
        assert bench.flow.health()[0] is Health.HEALTHY


def test_switch_without_its_variable_is_unhealthy_and_says_what_to_add() -> None:
    with Bench(chain(node("in", "inject", payload=31), node("if", "switch"), node("out", "debug"))) as bench:
        assert "no variable 'threshold'" in bench.errors()["if"]
        assert "add one of type number" in bench.errors()["if"]
        assert _kept(bench) == []


def test_switch_with_a_variable_without_order_is_unhealthy() -> None:
    flag = variable("threshold", "boolean", True)
    with Bench(chain(node("in", "inject"), node("if", "switch"), variables=[flag])) as bench:
        assert bench.errors()["if"] == "The variable 'threshold' is neither a number nor a string, which > needs."


@pytest.mark.parametrize("payload", ["31", True, None, [31], {"humidity": 31}, {"temperature": "31"}])
def test_switch_that_cannot_compare_a_message_is_unhealthy_without_otherwise(payload: object) -> None:
    definition = chain(node("in", "inject", payload=payload), node("if", "switch"), variables=[THRESHOLD])
    with Bench(definition) as bench:
        assert list(bench.errors()) == ["if"]


def test_switch_is_healthy_again_with_the_next_message_it_can_compare() -> None:
    definition = chain(node("in", "inject", payload="?"), node("if", "switch"), variables=[THRESHOLD])
    definition["nodes"].append(node("later", "inject", payload=1, interval="2s", once=False))
    definition["connections"].append({"source": "later", "target": "if"})
    with Bench(definition) as bench:
        bench.run(2)
        assert bench.errors() == {}


# --- mqtt_out


def test_mqtt_out_publishes_under_the_device_s_topic() -> None:
    with Bench(chain(node("in", "inject", payload={"é": 1}), node("out", "mqtt_out", topic="alerts/hall-3"))) as bench:
        assert bench.broker.published == [(f"edgeflow/devices/{DEVICE_ID}/out/alerts/hall-3", {"é": 1})]


@pytest.mark.parametrize("failure", [ConnectionError("offline"), RuntimeError("not connected")])
def test_mqtt_out_keeps_messages_while_offline_and_stays_healthy(failure: Exception) -> None:
    sensor = ScriptedSensor(0)
    with Bench(chain(node("in", "dht"), node("out", "mqtt_out")), open_sensor=sensor.open) as bench:
        bench.broker.failure = failure
        for second in range(1, 151):
            sensor.temperature = second
            bench.run(1)
        assert bench.flow.health() == (Health.HEALTHY, ())
        assert bench.broker.attempts < 15  # it asks less and less often
        bench.broker.failure = None
        sensor.temperature = 151
        bench.run(60)
        temperatures = [payload["temperature"] for payload in bench.broker.payloads()]
    assert temperatures[0] == 0
    after = temperatures[1:]
    assert after[-1] == 151
    assert after[:MAX_KEPT_MESSAGES] == sorted(after[:MAX_KEPT_MESSAGES])
    assert after[0] > 1  # the oldest gave way to the newest


def test_mqtt_out_that_publishes_too_much_is_unhealthy_and_goes_on() -> None:
    definition = chain(node("in", "inject", payload="x" * MAX_PAYLOAD_BYTES), node("out", "mqtt_out"))
    definition["nodes"].append(node("later", "inject", payload=1, interval="1s", once=False))
    definition["connections"].append({"source": "later", "target": "out"})
    with Bench(definition) as bench:
        assert "MQTT takes 131072" in bench.errors()["out"]
        bench.run(1)
        assert bench.errors() == {}
        assert bench.broker.payloads() == [1]


def test_mqtt_out_does_not_repeat_what_the_connection_refuses() -> None:
    with Bench(chain(node("in", "inject", interval="1s"), node("out", "mqtt_out"))) as bench:
        bench.broker.failure = ValueError("bad topic")
        bench.run(1)
        assert bench.errors() == {"out": "The node failed unexpectedly: ValueError: bad topic"}
        bench.broker.failure = None
        bench.run(1)
        assert bench.errors() == {}
        assert len(bench.broker.published) == 2


# --- inject and debug


@pytest.mark.parametrize(
    ("settings", "times"), [({}, 1), ({"interval": "2s"}, 3), ({"interval": "2s", "once": False}, 2)]
)
def test_inject_sends_at_the_start_at_its_interval_or_both(settings: dict[str, Any], times: int) -> None:
    payload = {"a": [1, None, "b"]}
    with Bench(chain(node("in", "inject", payload=payload, **settings), node("out", "debug"))) as bench:
        bench.run(5)
        assert _kept(bench) == [payload] * times


def test_debug_keeps_the_last_messages_and_logs_each(caplog: pytest.LogCaptureFixture) -> None:
    definition = {
        "nodes": [*(node(f"in{i}", "inject", payload=i) for i in range(5)), node("out", "debug", keep=2)],
        "connections": [{"source": f"in{i}", "target": "out"} for i in range(5)],
    }
    with caplog.at_level("DEBUG", "edge_agent"), Bench(definition) as bench:
        assert _kept(bench) == [3, 4]
    assert json.dumps(caplog.text).count("node out got") == 5
