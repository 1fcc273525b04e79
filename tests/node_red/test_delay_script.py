"""A translated ``delay`` holds messages as the built-in one does."""

from typing import Any, Final

import pytest

from edge_agent.flows.node_red.nodes.delay import hold_up
from edgeflow.contract.nodes.delay import DelaySettings
from tests.support.node_red_scripts import STOPPED, Script, Told, later, message, run_scripts
from tests.unit.edge_agent.flows.builtin.single import SingleNode

RESET: Final = {"reset": True}

Play = list[Any]
"""Payloads that come, and seconds that pass (as floats)."""


def _script(config: dict[str, Any], play: Play) -> Script:
    steps = [later(step) if isinstance(step, float) else message(step) for step in play]
    return Script(hold_up(DelaySettings.model_validate(config)), steps)


def _translated(config: dict[str, Any], play: Play) -> list[Told]:
    [told] = run_scripts([_script(config, play)])
    return told


def _built_in(config: dict[str, Any], play: Play) -> list[tuple[list[Any], list[str]]]:
    node = SingleNode("delay", config)
    told = []
    for step in play:
        node.errors.clear()
        if isinstance(step, float):
            node.advance(step)
        else:
            node.send(step)
        told.append((node.take(), list(node.errors)))
    return told


@pytest.mark.parametrize(
    ("config", "play"),
    [
        ({"time": "5s"}, [1, 2, 3.0, 3, 1.9, 0.1, 3.0, 5.0]),
        ({"time": "5s", "keep": 2}, [1, 2, 3, 4, 5.0, 5, 5.0]),
        ({"time": "5s", "keep": 2, "reset": "reset"}, [1, 2, RESET, 3, 4, {"reset": 1}, None, 5.0]),
        ({"time": "5s", "reset": ""}, [1, True, 2, 5.0]),
        ({"time": "7d"}, [1, 604_799.5, 0.5]),
        ({"mode": "rate", "time": "1s"}, [1, 2, 3, 0.5, 0.5, 4, 1.0, 1.0, 1.0, 5, 0.5, 6, 0.25, 0.25]),
        ({"mode": "rate", "time": "1s", "messages": 4}, [1, 2, 3, 0.25, 0.25, 0.1, 4, 0.15, 0.25]),
        ({"mode": "rate", "time": "2s", "keep": 2}, [1, 2, 3, 4, 5, 2.0, 6, 10.0]),
        ({"mode": "rate", "time": "2s", "excess": "drop"}, [1, 2, 1.5, 3, 0.5, 4, 5, 2.0]),
        ({"mode": "rate", "time": "2s", "reset": "reset"}, [1, 2, 3, RESET, 4, 2.0, 2.0, 5]),
        ({"mode": "rate", "time": "2s", "reset": "reset", "keep": 1}, [1, 2, RESET, 3, 4, 1.0, 1.0, RESET, 2.0, 5]),
    ],
)
def test_messages_go_on_when_those_of_the_built_in_node_do(config: dict[str, Any], play: Play) -> None:
    told = _translated(config, play)
    assert [(step.payloads, step.errors) for step in told] == _built_in(config, play)
    assert [step.done for step in told] == [0 if isinstance(step, float) else 1 for step in play]


def test_a_random_delay_stays_within_its_bounds() -> None:
    play: Play = [*range(200), 1.99, 2.0, 2.02]
    told = _translated({"mode": "random", "time": "2s", "at_most": "6s"}, play)
    early, middle, late = (step.payloads for step in told[-3:])
    assert early == []
    assert middle
    assert late
    assert sorted(middle + late) == list(range(200))


def test_a_message_goes_on_as_it_came() -> None:
    text = hold_up(DelaySettings())
    [told] = run_scripts([Script(text, [message(1, topic="t", _msgid="a"), message(2, _msgid="b"), later(1)])])
    assert told[-1].sent == [
        (0, {"_msgid": "a", "payload": 1, "topic": "t"}),
        (0, {"_msgid": "b", "payload": 2}),
    ]


@pytest.mark.parametrize("config", [{}, {"mode": "rate"}, {"mode": "random", "at_most": "5s"}])
def test_no_timer_outlives_the_node_nor_a_reset(config: dict[str, Any]) -> None:
    script = _script(config | {"reset": "reset"}, [1, 2, 3, RESET, 4, 5])
    [told] = run_scripts([Script(script.text, [*script.steps, STOPPED, later(60)])])
    assert told[3].timers == (1 if config.get("mode") == "rate" else 0)
    assert told[5].timers > 0
    assert (told[6].timers, told[7].payloads) == (0, [])
