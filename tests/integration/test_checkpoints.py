"""The local cloud is saved while it runs, so that a kill takes no more than the last seconds."""

import pytest

from tests.support.restarts import BARE, LONG_ENOUGH_SECONDS, Restartable

pytestmark = [pytest.mark.timeout(180), pytest.mark.stack]


def queues(cloud: Restartable) -> int:
    return len(cloud.client("sqs").list_queues().get("QueueUrls", []))


def test_a_kill_takes_nothing_that_is_older_than_some_seconds(cloud: Restartable) -> None:
    cloud.start()
    assert cloud.is_saved()
    cloud.client("sqs").create_queue(QueueName="later")  # it is saved more than once
    assert cloud.is_saved()
    cloud.kill()
    cloud.start()
    assert queues(cloud) == 1


def test_a_stack_that_is_being_made_when_the_cloud_ends_can_be_made_again(cloud: Restartable) -> None:
    cloud.start()
    cloud.client("sqs").create_queue(QueueName="kept")
    assert cloud.is_saved()
    cloud.begin_slow_stack()
    cloud.stop()
    cloud.start()
    assert (cloud.slow_stack(), queues(cloud)) == (None, 1)


def test_bare_emulator_still_needs_the_patch(cloud: Restartable) -> None:
    cloud.start(BARE)
    assert not cloud.is_saved(within=LONG_ENOUGH_SECONDS), (
        "MiniStack saves its state while it runs by itself now: see whether a stack that is being changed is left out, "
        "then delete localcloud/checkpoints.py, its call in localcloud/launcher.py, and this test."
    )
