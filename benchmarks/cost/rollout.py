"""A rolling rollout to 1,000 devices, by what the design says that each device and each wave take.

Not counted by running it: a job execution's price is all but a few cents, and the rest is rounded up.
"""

from typing import Final

from benchmarks.cost.prices import Bill, Item

DEVICES: Final = 1_000
WAVES: Final = 100
MESSAGES_A_DEVICE: Final = 10
"""Notification, question and answer for the job, two updates and their answers, and some that come again."""
REPORTS_A_DEVICE: Final = 6
"""Changes of health, and one a minute while the rollout watches; a device is watched until its wave's delay is over."""
WRITES_A_DEVICE: Final = 22
"""Target and claim written, marked, ended and released, what is installed, the reports, the counters; with indexes."""
READS_A_DEVICE: Final = 24
TRANSITIONS_A_WAVE: Final = 12


def rollout() -> Bill:
    """Return what one rollout adds."""
    arrivals = DEVICES * (REPORTS_A_DEVICE + 1)
    return Bill(
        f"a rollout to {DEVICES:,} devices in {WAVES} batches",
        {
            Item.REMOTE_ACTIONS: DEVICES,
            Item.MESSAGES: DEVICES * MESSAGES_A_DEVICE,
            Item.RULES: arrivals,
            Item.ACTIONS: arrivals,
            Item.QUEUE_REQUESTS: arrivals * 3 + WAVES * 6,
            Item.INVOCATIONS: arrivals + WAVES * 4,
            Item.GB_SECONDS: (arrivals * 0.02 + WAVES * 4 * 0.5) * 0.5,
            Item.WRITES: DEVICES * WRITES_A_DEVICE,
            Item.READS: DEVICES * READS_A_DEVICE,
            Item.SIGNATURES: WAVES,  # one for each job, and a batch of ten devices is one
            Item.TRANSITIONS: WAVES * TRANSITIONS_A_WAVE,
            Item.LOG_GB: (arrivals + WAVES * 4) * 1_500 / 1e9,
        },
    )
