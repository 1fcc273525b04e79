"""What is told of the settings of nodes when a flow is published. That devices say the same: tests/contract."""

from typing import Any

import pytest

from edgeflow.contract.flow import Definition, Node
from edgeflow.domain.node_settings import setting_faults


def _one(node_type: str, config: dict[str, Any]) -> Definition:
    return Definition(nodes=(Node(id="n", type=node_type, config=config),))


def test_beside_a_reference_the_other_settings_are_looked_at() -> None:
    config = {"url": "http://${host}/", "retries": 3}
    found, more = setting_faults(_one("http_request", config))
    (fault,) = found
    assert fault.pointer == "/definition/nodes/0/config/retries"
    assert fault.message.startswith("node n (http_request): retries: unknown key; known keys are concurrency, format,")
    assert more == 0


@pytest.mark.parametrize(
    ("node_type", "config", "place", "sentence"),
    [
        ("dht", {"interval": "0s"}, "/interval", "interval: must be from 1s to 7d"),
        ("gpio_in", {"line": 5_000}, "/line", "line: must be at most 1023, or a string"),
        ("gpio_out", {}, "/line", "line: required, but missing"),
        ("switch", {"rules": [{"operator": ">", "value": 1, "port": 64}]}, "/rules/0/port",
         "rules.0.port: must be at most 63"),
        ("change", {"rules": [{"action": "move", "to": 5}]}, "/rules/0/to",
         "rules.0.to: is the name of a place in a payload, such as hall.load"),
        ("delay", {"mode": "random"}, "",
         "random takes from time to at_most, so it needs at_most, and no other mode takes it"),
        ("node-red", {"flows": [{"id": "a"}]}, "/flows",
         "flows: item 0 has no type; give what Node-RED exports, a list of nodes"),
        ("debug", {"a/b~c": 1}, "/a~1b~0c", "a/b~c: unknown key; known keys are keep"),
    ],
)  # fmt: skip
def test_a_fault_names_the_node_and_the_setting(
    node_type: str, config: dict[str, Any], place: str, sentence: str
) -> None:
    (fault,), more = setting_faults(_one(node_type, config))
    assert fault.pointer == f"/definition/nodes/0/config{place}"
    assert fault.message == f"node n ({node_type}): {sentence}"
    assert more == 0


def test_of_very_many_faults_the_first_are_told_and_the_others_counted() -> None:
    nodes = tuple(Node(id=f"n{number}", type="debug", config={"a": 1, "b": 2}) for number in range(1_000))
    found, more = setting_faults(Definition(nodes=nodes), most=7)
    assert [fault.pointer for fault in found] == [
        f"/definition/nodes/{number}/config/{key}" for number in range(4) for key in "ab"
    ][:7]
    assert len(found) + more == 2_000
