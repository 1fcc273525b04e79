"""Variables, with a device's own values in place of the flow's."""

from typing import Any

import pytest

from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.builtin.nodes.debug import DebugNode
from edge_agent.flows.language.rejected import FlowRejected
from tests.unit.edge_agent.flows.builtin.bench import Bench, artifact, chain, node, variable

WARM = chain(
    node("in", "inject", payload=31),
    node("is_warm", "switch"),
    node("out", "debug"),
    variables=[variable("threshold", "number", 30)],
)


@pytest.mark.parametrize(("overrides", "passed"), [({}, 1), ({"threshold": 35}, 0), ({"threshold": "29.5", "x": 1}, 1)])
def test_a_device_s_own_value_counts(overrides: dict[str, Any], passed: int) -> None:
    check_for_builtin(artifact(WARM), overrides)
    with Bench(WARM, overrides=overrides) as bench:
        debug = bench.flow.node("out")
        assert isinstance(debug, DebugNode)
        assert len(debug.messages) == passed


def test_one_of_another_type_is_refused_and_says_whose_it_is() -> None:
    with pytest.raises(FlowRejected) as rejected:
        check_for_builtin(artifact(WARM), {"threshold": "warm"})
    assert rejected.value.message == (
        "variable threshold: this device's own value in the agent's settings: "
        'a number variable needs a finite number, such as 30 or "30"'
    )
