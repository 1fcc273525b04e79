"""When health is reported: changes at once, but bounded, and never later than was promised."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.cloud.pace import Due, ReportPace

PAUSE: Final = 10.0
EVERY: Final = 60.0
STEP: Final = 0.25
"""Times of the test are multiples of this, which floating point keeps exactly."""


@dataclass
class Reporter:
    """Reports as the agent does, by a clock that is set; remembers when, which state, and how many changes it told."""

    connected: bool = True
    now: float = 1_000.0
    every: float = EVERY
    state: int = 0
    told: list[tuple[float, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pace = ReportPace(monotonic=lambda: self.now, pause=PAUSE, every=lambda: self.every)

    def change(self) -> None:
        self.state += 1
        self.pace.changed()
        self._report_what_is_due()

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while (due := self.now + self.pace.due_in()) <= end:
            self.now = due
            self._report_what_is_due()
        self.now = end

    def _report_what_is_due(self) -> None:
        if self.pace.due_in() > 0:
            return
        changes = self.pace.begin().changes
        if self.connected:
            self.told.append((self.now, self.state, changes))
        else:
            self.pace.failed(changes)


@pytest.fixture
def reporter() -> Reporter:
    return Reporter()


def test_a_first_change_is_told_at_once(reporter: Reporter) -> None:
    reporter.change()
    assert reporter.told == [(1_000.0, 1, 1)]


def test_further_changes_are_told_together_after_the_pause(reporter: Reporter) -> None:
    for _ in range(5):
        reporter.change()
        reporter.run(1)
    reporter.run(PAUSE)
    assert reporter.told == [(1_000.0, 1, 1), (1_010.0, 5, 4)]


def test_at_rest_a_report_is_due_at_times(reporter: Reporter) -> None:
    reporter.change()
    reporter.run(2 * EVERY)
    assert [at for at, _, _ in reporter.told] == [1_000.0, 1_060.0, 1_120.0]


def test_what_is_asked_for_less_often_than_the_pause_is_told_at_the_pause(reporter: Reporter) -> None:
    reporter.every = 1
    reporter.change()
    reporter.run(20)
    assert [at for at, _, _ in reporter.told] == [1_000.0, 1_010.0, 1_020.0]


def test_a_deployment_that_opens_shortens_the_wait_that_has_begun(reporter: Reporter) -> None:
    reporter.every = 900
    reporter.change()
    reporter.run(30)
    reporter.every = 60
    assert reporter.pace.due_in() == 30


def test_a_report_that_is_wanted_tells_of_no_change(reporter: Reporter) -> None:
    reporter.pace.want()
    reporter.run(0)
    assert reporter.told == [(1_000.0, 0, 0)]


def test_what_did_not_arrive_is_told_after_the_pause_and_no_change_is_lost(reporter: Reporter) -> None:
    reporter.connected = False
    reporter.change()
    reporter.connected = True
    reporter.run(PAUSE)
    assert reporter.told == [(1_010.0, 1, 1)]


PASSES = st.integers(1, 80).map(lambda steps: ("pass", steps * STEP))
EVENTS = st.lists(
    PASSES | st.sampled_from([("change", 0.0), ("change", 0.0), ("lose", 0.0), ("find", 0.0)]), max_size=60
)


@given(events=EVENTS, every=st.sampled_from([1.0, 10.0, 60.0, 900.0]))
def test_whatever_happens_reports_are_bounded_and_the_last_state_is_told_in_time(
    events: list[tuple[str, float]], every: float
) -> None:
    reporter = Reporter(every=every)
    for event, seconds in events:
        match event:
            case "change":
                reporter.change()
            case "lose":
                reporter.connected = False
            case "find":
                reporter.connected = True
            case _:
                reporter.run(seconds)
    reporter.connected = True
    reporter.run(PAUSE)
    times = [at for at, _, _ in reporter.told]
    assert all(later - earlier >= PAUSE for earlier, later in pairwise(times))
    if reporter.state:
        assert reporter.told[-1][1] == reporter.state
    assert sum(changes for _, _, changes in reporter.told) == reporter.state


def test_a_report_is_wanted_unless_time_alone_has_made_it_due() -> None:
    pace = ReportPace(monotonic=lambda: 0.0, pause=1, every=lambda: 900)
    assert pace.begin() == Due(changes=0, wanted=False)
    pace.want()
    assert pace.begin() == Due(changes=0, wanted=True)
    pace.changed()
    assert pace.begin() == Due(changes=1, wanted=True)
    pace.failed(1)
    assert pace.begin() == Due(changes=1, wanted=True)
    assert pace.begin() == Due(changes=0, wanted=False)
