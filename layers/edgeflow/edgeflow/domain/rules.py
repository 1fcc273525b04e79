"""The numbers a rollout goes by, with every default filled in."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from edgeflow.contract.durations import format_duration

CLOCKS_DIFFER: Final = timedelta(hours=1)
"""By so much the clocks of the cloud and of devices may differ; messages and retries take less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutRules:
    """Settings of a deployment. Durations in whole seconds, ``failure_threshold`` in percent of a wave.

    Settings that a strategy does not have are absent from REST; here they hold the value that makes
    the strategy what it is: any failure breaches, no delay, one batch.
    """

    timeout_seconds: int
    auto_rollback: bool
    health_check: bool
    batch_size: int = 0
    batch_delay_seconds: int = 0
    failure_threshold: int = 0
    canary_percentage: int = 0
    canary_delay_seconds: int = 0
    switch_delay_seconds: int = 0
    health_window_seconds: int | None = None
    """None where health is not checked, and in deployments of before it could be set."""
    skip_offline: bool = False
    """A device that is not connected when its wave begins is skipped; else its job waits for it."""

    @property
    def watched_wait_seconds(self) -> int:
        """How long the devices of a wave are watched before the next one begins; no strategy has two such waits."""
        return max(self.batch_delay_seconds, self.canary_delay_seconds, self.switch_delay_seconds)


def too_short_for_window(rules: RolloutRules) -> str | None:
    """Say in a sentence that no device can be done within a wave's timeout; None when there is time for the window.

    A device is told, downloads and then is watched for the whole health window, so as long as the window is too short.
    """
    window = rules.health_window_seconds
    if window is None or rules.timeout_seconds > window:
        return None
    timeout, asked = (format_duration(timedelta(seconds=each)) for each in (rules.timeout_seconds, window))
    return (
        f"timeout {timeout} leaves a device no time for its health_window of {asked}, so all of them would time out: "
        "use a longer timeout or a shorter health_window"
    )


def order_lasts(rules: RolloutRules) -> timedelta:
    """Return for how long after it is signed a job's order may be taken up.

    A job is open for the timeout of its wave, or of its rollback, at most: then what is left of it is cancelled.
    """
    return timedelta(seconds=rules.timeout_seconds) + CLOCKS_DIFFER


def canary_size(total: int, canary_percentage: int) -> int:
    """Return how many of ``total`` targets are canaries: rounded up, and at least one."""
    return min(total, max(1, -(-total * canary_percentage // 100)))


def tolerated_failures(total: int, failure_threshold: int) -> int:
    """Return how many of ``total`` targets may fail: a failure rate must *exceed* the threshold to breach.

    ``total`` is without those that were skipped as offline. In whole numbers, so that exactly 20% of 5 is 1 and never
    0.9999; of none, none may fail and none can.
    """
    return total * failure_threshold // 100
