"""GPIO lines that workers share by the process that keeps them: whose they are, and what becomes of them."""

import functools
from typing import Any

import pytest

from edge_agent.flows.builtin.gpio import GpioError, InputSetup, Line, SharedLines
from edge_agent.flows.workers.lines import LineKeeper
from edge_agent.flows.workers.remote_lines import RemoteLines, value_of
from tests.unit.edge_agent.flows.builtin.gpio_board import Board

OUT, IN = Line("/dev/gpiochip0", 27), Line("/dev/gpiochip0", 17)


class Rack:
    """A keeper, with workers that have lines of it."""

    def __init__(self) -> None:
        self.board = Board()
        lines = SharedLines(self.board)
        self.keeper = LineKeeper(lambda: lines)

    def worker(self, number: int) -> RemoteLines:
        """Return the lines as a worker has them."""
        return RemoteLines(functools.partial(self._ask, number))

    def _ask(self, number: int, name: str, **call: Any) -> Any:  # noqa: ANN401  what the call returns
        return value_of(self.keeper.do(number, name, call))


@pytest.fixture
def rack() -> Rack:
    """One with nothing open."""
    return Rack()


@pytest.mark.parametrize("safe", [True, False])
def test_an_output_gets_its_safe_level_when_its_worker_is_gone(rack: Rack, safe: bool) -> None:  # noqa: FBT001  a level
    rack.worker(1).open_output(OUT, "push_pull", high=not safe, safe=safe)
    rack.keeper.forget(1)
    assert rack.board.history[-2:] == [(27, safe), (27, "closed")]


def test_one_that_another_worker_holds_as_well_is_left_as_it_is(rack: Rack) -> None:
    rack.worker(1).open_output(OUT, "push_pull", high=True, safe=False)
    rack.worker(2).open_output(OUT, "push_pull", high=None, safe=False)
    rack.keeper.forget(1)
    assert rack.board.levels[OUT]
    rack.keeper.forget(2)
    assert not rack.board.levels[OUT]


def test_an_input_of_a_worker_that_is_gone_can_be_taken_anew(rack: Rack) -> None:
    rack.worker(1).open_input(IN, InputSetup())
    rack.keeper.forget(1)
    rack.keeper.forget(1)  # once more does no harm
    assert rack.board.users == {}
    rack.worker(2).open_output(IN, "push_pull", high=True)


def test_a_worker_cannot_use_the_handles_of_another(rack: Rack) -> None:
    handle = rack.worker(1).open_output(OUT, "push_pull", high=False)
    assert handle.decided_last
    strange = {"handle": 1, "high": True}
    assert "error" in rack.keeper.do(2, "set", strange)
    assert not rack.board.levels[OUT]
    handle.close(high=True)
    with pytest.raises(OSError, match="not open any more"):
        handle.set(high=False)


def test_what_a_driver_refuses_is_told_in_its_words(rack: Rack) -> None:
    rack.board.missing.add(17)
    with pytest.raises(GpioError, match="the chip has no such line"):
        rack.worker(1).open_input(IN, InputSetup())
    handle = rack.worker(1).open_output(OUT, "push_pull", high=False)
    rack.board.cut = True
    with pytest.raises(OSError, match="No such device"):
        handle.set(high=True)
