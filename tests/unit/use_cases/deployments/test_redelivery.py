"""Delivered twice, or killed at any moment and delivered again: what operators do."""

import pytest

from tests.unit.use_cases.cloud import DEPLOYMENT, ME
from tests.unit.use_cases.redelivery import (
    Operation,
    blue_green,
    half_over,
    held,
    killed_at_any_moment,
    lagging,
    nobody_started,
    one_wave_over,
    paused,
    paused_by_a_breach,
    redelivered,
    returning,
    switching,
    unless_done,
    unreadable,
    watched,
)

OPERATIONS: dict[str, Operation] = {
    "pause": (one_wave_over, unless_done(lambda cloud: cloud.pause(DEPLOYMENT, by=ME))),
    "resume_after_a_breach": (
        paused_by_a_breach,
        unless_done(lambda cloud: cloud.resume(DEPLOYMENT, by=ME, accept_failures=True)),
    ),
    "start": (nobody_started, lambda cloud: cloud.start(DEPLOYMENT, by=ME)),
    "resume": (held, lambda cloud: cloud.resume(DEPLOYMENT, by=ME)),
    "resume_of_a_start_that_died": (paused, lambda cloud: cloud.resume(DEPLOYMENT, by=ME)),
    "promote": (watched, lambda cloud: cloud.promote(DEPLOYMENT, by=ME)),
    "give_up": (half_over, lambda cloud: cloud.give_up(DEPLOYMENT, "dev_002", by=ME)),
    "give_up_in_a_switch": (blue_green(switching), lambda cloud: cloud.give_up(DEPLOYMENT, "dev_002", by=ME)),
    "cancel_what_is_pending": (nobody_started, lambda cloud: cloud.cancel(DEPLOYMENT, by=ME)),
    "cancel": (half_over, lambda cloud: cloud.cancel(DEPLOYMENT, by=ME)),
    "cancel_what_is_paused": (held, lambda cloud: cloud.cancel(DEPLOYMENT, by=ME)),
    "delete_what_is_pending": (nobody_started, unless_done(lambda cloud: cloud.delete(DEPLOYMENT, by=ME))),
    "delete_deployment": (
        unreadable(half_over),
        unless_done(lambda cloud: cloud.delete(DEPLOYMENT, by=ME)),
    ),
    "delete_deployment_that_rolls_back": (
        unreadable(returning),
        unless_done(lambda cloud: cloud.delete(DEPLOYMENT, by=ME)),
    ),
    "give_up_while_cancelling": (lagging(half_over), lambda cloud: cloud.give_up(DEPLOYMENT, "dev_002", by=ME)),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_delivered_twice_changes_nothing(name: str) -> None:
    redelivered(OPERATIONS[name])


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.slow
def test_killed_at_any_moment_and_delivered_again_changes_nothing(name: str) -> None:
    killed_at_any_moment(OPERATIONS[name])
