"""Cancelling takes its time: whatever comes before whatever, in the end the record says what the device runs."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    ME,
)
from tests.unit.use_cases.rollout.late_stories import (
    Cancelled,
    GivenUp,
    RolledBack,
    Story,
    TimedOut,
    TimedOutThenRolledBack,
)


class CancelledThenRolledBack(Cancelled):
    """An operator cancels it, and rolls it back as soon as that is done."""

    def look(self) -> None:
        super().look()
        if self.status is DeploymentStatus.CANCELLED:
            with suppress(Conflict):
                self.cloud.rollback(DEPLOYMENT, by=ME)
        if self.status is DeploymentStatus.ROLLING_BACK:
            self.roll_back()


STORIES = [RolledBack, Cancelled, CancelledThenRolledBack, TimedOut, TimedOutThenRolledBack, GivenUp]
STEPS = st.lists(st.sampled_from(["take", "hear", "hear_first", "end", "wait", "look", "run_out"]), max_size=10)


@pytest.mark.slow
@settings(max_examples=400)
@given(kind=st.sampled_from(STORIES), before=STEPS, after=STEPS, early=st.booleans())
def test_in_any_order_device_and_record_agree(
    kind: type[Story], before: list[str], after: list[str], *, early: bool
) -> None:
    story = kind.begin(stopped_before_its_job=early)
    for step in [*before, "stop", *after]:
        if step == "hear_first":
            story.hear(0)
        else:
            getattr(story, step)()
    story.stop()
    story.drain()
    assert story.status not in {DeploymentStatus.RUNNING, DeploymentStatus.ROLLING_BACK, DeploymentStatus.CANCELLING}
    story.agrees()
    before_a_repeat = (story.status, dict(story.cloud.world.targets), dict(story.cloud.world.jobs))
    for place in range(len(story.reports)):
        story.hear(place)
    story.drain()
    assert (story.status, story.cloud.world.targets, story.cloud.world.jobs) == before_a_repeat
