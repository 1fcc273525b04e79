"""The local cloud ends when it is told to, whatever still waits in it."""

import pytest

from tests.support.restarts import BARE, LONG_ENOUGH_SECONDS, SOON_SECONDS, Restartable

pytestmark = [pytest.mark.timeout(180), pytest.mark.stack]


def test_nothing_that_waits_keeps_the_local_cloud_from_ending(cloud: Restartable) -> None:
    cloud.start()
    cloud.begin_slow_stack()
    assert cloud.ends(within=SOON_SECONDS)


def test_bare_emulator_still_needs_the_patch(cloud: Restartable) -> None:
    cloud.start(BARE)
    cloud.begin_slow_stack()
    assert not cloud.ends(within=LONG_ENOUGH_SECONDS), (
        "MiniStack ends by itself while something waits now: "
        "delete localcloud/prompt_end.py, its call in localcloud/launcher.py, and this test."
    )
    cloud.kill()
