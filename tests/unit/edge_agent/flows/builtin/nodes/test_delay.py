"""``delay``: when messages go on, and which do not."""

from typing import Any

import pytest
from pydantic import ValidationError

from edge_agent.flows.builtin.nodes.delay import DelayNode
from tests.unit.edge_agent.flows.builtin.single import SingleNode


def _dropped(it: SingleNode) -> int:
    assert isinstance(it.node, DelayNode)
    return it.node.dropped


def _waiting(it: SingleNode) -> int:
    assert isinstance(it.node, DelayNode)
    return it.node.waiting


def test_a_fixed_delay_keeps_distances_and_order() -> None:
    it = SingleNode("delay", {"time": "5s"})
    it.send(1, 2)
    it.advance(3)
    it.send(3)
    it.advance(1.9)
    assert it.take() == []
    it.advance(0.1)
    assert it.take() == [1, 2]
    it.advance(3)
    assert it.take() == [3]


def test_a_random_delay_stays_within_its_bounds() -> None:
    it = SingleNode("delay", {"mode": "random", "time": "2s", "at_most": "6s"})
    it.send(*range(200))
    it.advance(1.99)
    assert it.take() == []
    it.advance(2)
    early = it.take()
    it.advance(2.02)
    assert early
    assert sorted(early + it.take()) == list(range(200))


def test_a_rate_spreads_messages_evenly() -> None:
    it = SingleNode("delay", {"mode": "rate", "messages": 2, "time": "1s"})
    assert it.answers(1, 2, 3, 4) == [1]
    taken = []
    for _ in range(4):
        it.advance(0.5)
        taken.append(it.take())
    assert taken == [[2], [3], [4], []]
    assert it.answers(5) == [5]


def test_a_rate_never_catches_up_with_a_burst() -> None:
    it = SingleNode("delay", {"mode": "rate", "time": "1s"})
    it.send(1, 2, 3)
    it.now += 10  # the flow was busy: the timer fires late
    it.advance(0)
    assert it.take() == [1, 2]
    it.advance(1)
    assert it.take() == [3]


def test_a_rate_can_drop_what_comes_too_fast_without_complaint() -> None:
    it = SingleNode("delay", {"mode": "rate", "time": "1s", "excess": "drop"})
    assert it.answers(1, 2, 3) == [1]
    it.advance(1)
    assert it.answers(4) == [4]
    assert (_dropped(it), it.errors) == (2, [])


@pytest.mark.parametrize("mode", ["fixed", "rate"])
def test_a_full_queue_drops_the_newest_and_says_how_many(mode: str) -> None:
    it = SingleNode("delay", {"mode": mode, "time": "1s", "keep": 2})
    free = 1 if mode == "rate" else 0  # the first passes at once
    it.send(*range(free + 4))
    assert it.errors[-1] == "2 messages wait, which is all that keep allows, so 2 were dropped."
    assert (_dropped(it), _waiting(it)) == (2, 2)
    it.advance(2)
    assert it.take() == list(range(free + 2))
    it.send(9)
    assert len(it.errors) == 2


@pytest.mark.parametrize("mode", ["fixed", "rate"])
def test_a_reset_drops_what_waits_and_goes_no_further(mode: str) -> None:
    it = SingleNode("delay", {"mode": mode, "time": "1s", "reset": "reset"})
    it.send(0, 1, {"reset": False}, {"reset": 1})
    it.take()
    it.send({"reset": True})
    assert _waiting(it) == 0
    it.advance(5)
    assert it.take() == []
    it.send("again")
    it.advance(1)
    assert it.take() == ["again"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"mode": "random"}, "needs at_most"),
        ({"at_most": "5s"}, "no other mode takes it"),
        ({"mode": "random", "time": "5s", "at_most": "4s"}, "shorter than time"),
        ({"messages": 5}, "how mode rate works"),
        ({"time": "0s"}, "from 1s to 7d"),
        ({"mode": "rate", "keep": 10_001}, "less than or equal to 10000"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(config: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SingleNode("delay", config)
