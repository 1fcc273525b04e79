"""The cloud's clock, as far as a device knows it."""

from datetime import timedelta

from edge_agent.cloud.clock import CloudClock
from tests.unit.edge_agent.device import NOON


def test_the_devices_own_clock_counts_until_the_cloud_says_what_time_it_is() -> None:
    own, passed = NOON, 5.0
    clock = CloudClock(lambda: own, monotonic=lambda: passed)
    assert clock() == NOON
    clock.heard(NOON + timedelta(days=300))
    own = NOON + timedelta(days=20_000)  # a clock that is set, right or wrong, changes nothing any more
    passed = 8.5
    assert clock() == NOON + timedelta(days=300, seconds=3.5)
