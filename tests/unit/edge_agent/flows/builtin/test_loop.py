"""The flow's thread: the order of its work, and waiting by the real clock."""

import threading

from edge_agent.flows.builtin.loop import MAX_QUEUED, FlowLoop
from edge_agent.flows.language.clock import SystemClock
from tests.unit.edge_agent.flows.builtin.bench import PATIENCE_SECONDS, ManualClock


def _nothing() -> None:
    """Do nothing."""


def test_due_timers_and_queued_actions_take_turns() -> None:
    clock = ManualClock()
    loop = FlowLoop("flow-turns", clock)
    done: list[str] = []
    for number in range(3):
        loop.post(lambda number=number: done.append(f"queued {number}"))
        loop.call_at(2 - number, lambda number=number: done.append(f"timer {number}"))
    clock.set(2)
    loop.start(lambda: done.append("begin"), lambda: done.append("end"))
    clock.wait_until_idle()
    assert loop.stop(PATIENCE_SECONDS)
    assert done == ["begin", "timer 2", "queued 0", "timer 1", "queued 1", "timer 0", "queued 2", "end"]


def test_timers_of_one_time_fire_in_the_order_they_were_set() -> None:
    clock = ManualClock()
    loop = FlowLoop("flow-order", clock)
    done: list[int] = []
    for number in range(5):
        loop.call_at(1, lambda number=number: done.append(number))
    loop.start(_nothing, _nothing)
    clock.wait_until_idle()
    assert done == []
    clock.advance(1)
    assert done == [0, 1, 2, 3, 4]
    assert loop.stop(PATIENCE_SECONDS)


def test_a_full_queue_takes_no_more() -> None:
    loop = FlowLoop("flow-full", ManualClock())
    assert all(loop.post(_nothing) for _ in range(MAX_QUEUED))
    assert not loop.post(_nothing)


def test_timers_go_by_the_device_s_clock_and_a_far_one_does_not_hold_up_a_stop() -> None:
    clock = SystemClock()
    loop = FlowLoop("flow-real", clock)
    fired: list[float] = []
    rang = threading.Event()

    def ring() -> None:
        fired.append(clock.now())
        rang.set()

    due = clock.now() + 0.02
    loop.start(_nothing, _nothing)
    loop.call_at(due, ring)
    loop.call_at(due + 1e15, _nothing)
    assert rang.wait(PATIENCE_SECONDS)
    assert fired[0] >= due
    assert loop.stop(PATIENCE_SECONDS)
