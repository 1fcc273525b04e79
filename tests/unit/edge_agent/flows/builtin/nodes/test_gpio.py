"""``gpio_in`` and ``gpio_out``: edges, levels, pulses, and two versions of a flow at one line."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from edge_agent.flows.builtin import gpio
from edge_agent.flows.builtin.gpio import InputSetup, Line, SharedLines
from edge_agent.flows.builtin.links import Links
from edge_agent.flows.language.messages import Message
from edge_agent.flows.workers.lines import LineKeeper
from edge_agent.flows.workers.remote_lines import RemoteLines, value_of
from tests.unit.edge_agent.flows.builtin.bench import Bench, chain, node
from tests.unit.edge_agent.flows.builtin.gpio_board import Board
from tests.unit.edge_agent.flows.builtin.single import SingleNode


@pytest.fixture(autouse=True, params=["here", "in another process"])
def board(request: pytest.FixtureRequest) -> Iterator[Board]:
    board = Board()
    lines: gpio.Lines = SharedLines(board)
    if request.param != "here":
        keeper = LineKeeper(lambda: lines)

        def ask(name: str, **call: Any) -> Any:  # noqa: ANN401  what the call returns
            sent = json.loads(json.dumps(call))
            return value_of(json.loads(json.dumps(keeper.do(1, name, sent))))

        gpio.use_lines(RemoteLines(ask))
    else:
        gpio.use_lines(lines)
    yield board
    gpio.use_lines(None)


def _in(**settings: Any) -> SingleNode:  # noqa: ANN401  any setting
    it = SingleNode("gpio_in", {"line": 17, **settings})
    it.advance(0)
    return it


def _out(*, muted: bool = False, **settings: Any) -> SingleNode:  # noqa: ANN401  any setting
    it = SingleNode("gpio_out", {"line": 27, **settings}, muted=muted)
    it.advance(0)
    return it


def _edges(it: SingleNode) -> list[Any]:
    it.advance(0.05)
    return it.take()


# --- gpio_in


def test_edges_become_messages_in_their_order(board: Board) -> None:
    it = _in()
    board.change(17, True, False, True)
    it.advance(0.05)
    assert [message.payload for message in it.sent] == [False, True, False, True]
    assert it.sent[1].metadata == {"line": "17", "chip": "/dev/gpiochip0"}


@pytest.mark.parametrize(
    ("settings", "messages"),
    [
        ({"edge": "rising"}, [True]),
        ({"edge": "falling"}, [False]),
        ({"active_low": True}, [False, True]),
        ({"active_low": True, "edge": "rising"}, [True]),
    ],
)
def test_the_edges_that_count(board: Board, settings: dict[str, Any], messages: list[bool]) -> None:
    it = _in(at_start=False, **settings)
    board.change(17, True, False)
    assert _edges(it) == messages


def test_the_line_is_set_up_as_the_settings_say(board: Board) -> None:
    it = SingleNode(
        "gpio_in", {"line": "BUTTON", "bias": "pull_up", "debounce": 20}, hardware={"gpio_chip": "/dev/gpiochip4"}
    )
    assert it.start_error is None
    assert board.setups == [InputSetup(bias="pull_up", debounce=20)]
    assert list(board.users) == [Line("/dev/gpiochip4", "BUTTON")]
    it.node.stop()
    assert board.users == {}


def test_edges_that_were_lost_are_counted(board: Board) -> None:
    it = _in()
    board.change(17, True)
    _edges(it)
    board.users[Line("/dev/gpiochip0", 17)].number += 7
    board.change(17, False)
    assert _edges(it) == [False]
    assert it.errors == ["The line 17 of /dev/gpiochip0 changes faster than this device keeps up: 7 edges were lost."]
    board.change(17, True)
    assert _edges(it) == [True]
    assert len(it.errors) == 1


def test_a_line_that_goes_away_is_opened_again_when_it_is_back(board: Board) -> None:
    it = _in(at_start=False)
    board.cut = True
    it.advance(1)
    assert set(it.errors) == {"The line 17 of /dev/gpiochip0 cannot be read any more: No such device."}
    it.advance(6)
    assert "no such line" in it.errors[-1]
    board.cut = False
    it.advance(5)
    it.errors.clear()
    board.change(17, True)
    assert _edges(it) == [True]
    assert it.errors == []


def test_two_versions_read_one_line_and_the_last_gives_it_back(board: Board) -> None:
    live, standby = _in(at_start=False), _in(at_start=False, active_low=True)
    board.change(17, True)
    assert (_edges(live), _edges(standby)) == ([True], [False])
    live.node.stop()
    board.change(17, False)
    assert _edges(standby) == [True]
    standby.node.stop()
    assert board.history == [(17, "closed")]


def test_two_versions_cannot_read_one_line_in_two_ways(board: Board) -> None:
    _in()
    other = _in(bias="pull_down")
    assert other.start_error is not None
    assert "apply the new version in its place" in other.start_error
    assert board.setups == [InputSetup()]


def test_the_level_at_the_start_is_told_late_when_the_line_cannot_be_read_at_first(board: Board) -> None:
    board.change(17, True)
    it = SingleNode("gpio_in", {"line": 17})
    board.cut = True
    it.advance(1)
    assert it.take() == []
    board.cut = False
    it.advance(10)
    assert len(it.take()) == 1


# --- gpio_out


def test_taking_the_line_does_not_clear_that_a_message_set_no_level(board: Board) -> None:
    links = Links()
    flow = chain(node("in", "link_in", link="level"), node("out", "gpio_out", line=27))
    with Bench(flow, links=links) as bench:
        links.send("level", Message(payload="up", source="test"))
        bench.run(3)
        assert list(bench.errors()) == ["out"]
        links.send("level", Message(payload=True, source="test"))
        bench.run(1)
        assert bench.errors() == {}
        board.cut = True
        links.send("level", Message(payload=False, source="test"))
        bench.run(1)
        board.cut = False
        bench.run(3)
        assert list(bench.errors()) == ["out"], "the line is taken again, but what was asked for was not done"
        links.send("level", Message(payload=False, source="test"))
        bench.run(1)
        assert bench.errors() == {}


@pytest.mark.parametrize(
    ("settings", "history"),
    [
        ({}, [False, True, False]),
        ({"initial": True}, [True, True, False]),
        ({"active_low": True}, [True, False, True]),
    ],
)
def test_messages_drive_the_line(board: Board, settings: dict[str, Any], history: list[bool]) -> None:
    it = _out(**settings)
    it.send(True, 0)
    assert board.history == [(27, level) for level in history]
    assert it.errors == []


@pytest.mark.parametrize(
    ("safe", "last"), [({}, [False, "closed"]), ({"safe": True}, [True, "closed"]), ({"safe": None}, ["closed"])]
)
def test_the_line_is_given_back_at_its_safe_level(board: Board, safe: dict[str, Any], last: list[Any]) -> None:
    it = _out(property="on", drive="open_drain", **safe)
    it.send({"on": 1})
    board.history.clear()
    it.node.stop()
    assert board.history == [(27, level) for level in last]
    assert board.setups == ["open_drain"]


def test_a_pulse_ends_by_itself_and_a_new_one_makes_it_longer(board: Board) -> None:
    it = _out(pulse=500)
    wire = Line("/dev/gpiochip0", 27)
    it.send(True)
    it.advance(0.4)
    it.send(True)
    it.advance(0.4)
    assert board.levels[wire]
    it.advance(0.1)
    assert not board.levels[wire]
    it.send(True, False)
    board.history.clear()
    it.advance(1)
    assert board.history == []


@pytest.mark.parametrize("payload", [2, "on", None, [], {"on": 1}, 0.5])
def test_a_message_that_sets_no_level_is_named(payload: object) -> None:
    it = _out()
    it.send(payload)
    assert it.errors == ["A message's value is neither true, false, 1 nor 0, so it sets no level."]


def test_a_flow_that_stands_by_touches_no_line(board: Board) -> None:
    it = _out(muted=True, initial=True)
    it.send(True, "nonsense")
    it.advance(10)
    it.node.stop()
    assert board.history == []
    assert len(it.errors) == 1


def test_a_switch_hands_the_line_over_at_its_level(board: Board) -> None:
    old, new = _out(), _out(muted=True)
    old.send(True)
    board.history.clear()
    old.muted, new.muted = True, False
    old.send(False)
    old.advance(1)
    new.advance(1)
    old.advance(5)
    old.node.stop()
    assert board.history == []
    assert board.levels[Line("/dev/gpiochip0", 27)]
    new.send(False)
    new.node.stop()
    assert board.history == [(27, False), (27, False), (27, "closed")]


def test_a_line_that_the_new_version_does_not_drive_goes_back_to_its_safe_level(board: Board) -> None:
    old = _out()
    old.send(True)
    old.muted = True
    old.advance(6)
    assert board.history[-2:] == [(27, False), (27, "closed")]
    old.muted = False
    old.send(True)
    assert board.history[-1] == (27, True)


@pytest.mark.parametrize("stopped", [False, True])
def test_a_pulse_ends_although_its_flow_stands_by_meanwhile(board: Board, *, stopped: bool) -> None:
    old, new = _out(pulse=10_000), _out(muted=True)
    old.send(True)
    old.muted, new.muted = True, False
    new.advance(1)
    old.advance(9)
    assert board.levels[Line("/dev/gpiochip0", 27)]
    if stopped:
        old.node.stop()
    else:
        old.advance(1)
    assert not board.levels[Line("/dev/gpiochip0", 27)]
    assert board.users


def test_a_pulse_of_a_version_that_stands_by_does_not_end_what_the_new_one_set(board: Board) -> None:
    old, new = _out(pulse=10_000), _out(muted=True)
    old.send(True)
    old.muted, new.muted = True, False
    new.send(True)
    old.advance(20)
    assert board.levels[Line("/dev/gpiochip0", 27)]


def test_a_line_that_goes_away_is_taken_again_when_it_is_back(board: Board) -> None:
    it = _out()
    board.cut = True
    it.send(True)
    assert it.errors == ["The line 27 of /dev/gpiochip0 cannot be driven any more: No such device."]
    it.advance(1)
    assert "no such line" in it.errors[-1]
    board.cut = False
    it.advance(1)
    it.send(True)
    assert board.levels[Line("/dev/gpiochip0", 27)]
    assert len(it.errors) == 2
    board.cut = True
    with pytest.raises(Exception, match="cannot be driven any more"):
        it.node.stop()
    assert board.users == {}


# --- both


@pytest.mark.parametrize("node_type", ["gpio_in", "gpio_out"])
def test_a_line_that_the_device_lacks_is_named(board: Board, node_type: str) -> None:
    board.missing.add(3)
    it = SingleNode(node_type, {"line": 3})
    assert it.start_error == "The line 3 of /dev/gpiochip0 cannot be used: the chip has no such line."
    it.node.stop()


def test_a_line_is_an_input_or_an_output() -> None:
    _in()
    assert "is an input of another node" in str(_out(line=17).start_error)
    _out()
    assert "is an output of another node" in str(_in(line=27).start_error)


@pytest.mark.parametrize("node_type", ["gpio_in", "gpio_out"])
def test_an_agent_without_gpio_says_how_to_install_it(node_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gpio.use_lines(None)
    monkeypatch.setitem(sys.modules, "gpiod", None)
    it = SingleNode(node_type, {"line": 3})
    assert it.start_error is not None
    assert "pip install '.[agent,gpio]'" in it.start_error
    it.node.stop()


@pytest.mark.parametrize(
    ("node_type", "config"),
    [
        ("gpio_in", {}),
        ("gpio_in", {"line": -1}),
        ("gpio_in", {"line": True}),
        ("gpio_in", {"line": 1, "chip": "/dev/mem"}),
        ("gpio_in", {"line": 1, "debounce": 10_001}),
        ("gpio_out", {"line": 1, "pulse": 5}),
        ("gpio_out", {"line": 1, "bias": "pull_up"}),
    ],
)
def test_settings_that_make_no_sense_are_refused(node_type: str, config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SingleNode(node_type, config)
