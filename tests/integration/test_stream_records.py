"""A table's stream outlives a restart of the local cloud: what was written is delivered, before and after it."""

import pytest

from tests.support.restarts import BARE, LONG_ENOUGH_SECONDS, Restartable

pytestmark = [pytest.mark.timeout(180), pytest.mark.stack]


@pytest.fixture(params=["stopped", "killed"])
def ended(request: pytest.FixtureRequest) -> str:
    """How the emulator ends."""
    return str(request.param)


def restart(cloud: Restartable, ended: str) -> None:
    if ended == "killed":
        assert cloud.is_saved()
        cloud.kill()
    else:
        cloud.stop()
    cloud.start()


def test_what_is_written_after_a_restart_is_delivered_and_nothing_is_delivered_again(
    cloud: Restartable, ended: str
) -> None:
    cloud.start()
    cloud.furnish()
    cloud.write("one", "two", "three")
    assert cloud.sees("one", "two", "three")
    restart(cloud, ended)
    cloud.write("four")
    assert cloud.sees("one", "two", "three", "four")


def test_what_was_not_delivered_before_a_restart_is_delivered_after_it(cloud: Restartable, ended: str) -> None:
    cloud.start()
    mapping = cloud.furnish(listening=False)
    cloud.write("one", "two")
    restart(cloud, ended)
    cloud.write("three")
    cloud.listen(mapping)
    assert cloud.sees("one", "two", "three")


def test_a_position_that_the_bare_emulator_left_beyond_the_end_holds_nothing_back(cloud: Restartable) -> None:
    cloud.start(BARE)
    cloud.furnish()
    cloud.write("one", "two", "three")
    assert cloud.sees("one", "two", "three")
    cloud.stop()
    cloud.start()
    cloud.write("four")
    assert cloud.sees("one", "two", "three", "four")


def test_bare_emulator_still_needs_the_patch(cloud: Restartable) -> None:
    cloud.start(BARE)
    cloud.furnish()
    cloud.write("one", "two", "three")
    assert cloud.sees("one", "two", "three")
    cloud.stop()
    cloud.start(BARE)
    cloud.write("four")
    assert not cloud.sees("one", "two", "three", "four", within=LONG_ENOUGH_SECONDS), (
        "MiniStack delivers a table's stream after a restart by itself now: "
        "delete localcloud/stream_records.py, its call in localcloud/launcher.py, and this test."
    )
