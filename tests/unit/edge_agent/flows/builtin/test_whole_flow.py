"""Several node types in one running flow, on a thread of its own: what each leaves to the next."""

from pathlib import Path
from typing import Any

import pytest

from edge_agent.flows.builtin import gpio
from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.builtin.gpio import Line, SharedLines
from edgeflow.contract.report import Health
from tests.unit.edge_agent.flows.builtin.bench import DEVICE_ID, Bench, ScriptedSensor, artifact, chain, node, variable
from tests.unit.edge_agent.flows.builtin.gpio_board import Board

LIMIT = variable("limit", "number", "30")


def _checked(definition: dict[str, Any]) -> dict[str, Any]:
    check_for_builtin(artifact(definition))  # on the test's thread, as on the agent's; the flow has another one
    return definition


def test_an_alarm_goes_out_once_and_is_logged(tmp_path: Path) -> None:
    sensor = ScriptedSensor(25)
    definition = chain(
        node("in", "dht"),
        node("is_hot", "expression", expression="temperature > $limit", property="hot"),
        node("once", "filter", property="hot"),
        node("hall", "change", rules=[{"action": "set", "property": "hall", "value": "north"}]),
        node("log", "file", action="append", path="alarms.txt", format="json"),
        node("text", "template", template="{{ payload.hall }}: {{ payload.temperature }} of {{ variables.limit }}"),
        node("slowly", "delay", mode="rate", time="2s"),
        node("out", "mqtt_out", topic="alarms"),
        variables=[LIMIT],
    )
    with Bench(_checked(definition), files=tmp_path / "flow_abc123", open_sensor=sensor.open) as bench:
        bench.run(2)
        sensor.temperature = 31
        bench.run(1)
        sensor.temperature = 32
        bench.run(2)
        assert bench.errors() == {}
        assert bench.broker.published == [
            (f"edgeflow/devices/{DEVICE_ID}/out/alarms", f"north: {temperature} of 30") for temperature in (25, 31)
        ]
    lines = (tmp_path / "flow_abc123" / "alarms.txt").read_text(encoding="utf-8").splitlines()
    assert [line.count('"hot": true') for line in lines] == [0, 1]


def test_a_button_switches_a_relay() -> None:
    board = Board()
    gpio.use_lines(SharedLines(board))
    definition = chain(node("button", "gpio_in", line=17, at_start=False), node("relay", "gpio_out", line=27))
    with Bench(_checked(definition)) as bench:
        board.change(17, True)
        bench.run(1)
        assert board.levels[Line("/dev/gpiochip0", 27)]
        assert bench.flow.health() == (Health.HEALTHY, ())
    assert not board.levels[Line("/dev/gpiochip0", 27)]
    assert board.users == {}


@pytest.mark.slow
def test_a_runaway_expression_is_its_node_s_fault_alone() -> None:
    definition = chain(
        node("in", "inject", payload=1),
        node("endless", "expression", expression="($f := function($n) { $f($n + 1) }; $f(0))"),
    )
    definition["nodes"].append(node("other", "debug"))
    definition["connections"].append({"source": "in", "target": "other"})
    with Bench(_checked(definition)) as bench:
        assert list(bench.errors()) == ["endless"]
        assert "more than 1 s" in bench.errors()["endless"]
