"""The stack with no devices for a month: what it has, counted in template.yaml, and what runs by the clock."""

import re
from pathlib import Path
from typing import Final

from benchmarks.cost.prices import Bill, Item

TEMPLATE: Final = Path(__file__).parents[2] / "template.yaml"
ROUNDS: Final = 30 * 24 * 12
"""Of the reconciler, each five minutes."""
ROUND_SECONDS: Final = 0.3
METRICS: Final = 3
"""Custom metrics that the reconciler writes each round; the others begin with devices, or with faults."""
POLLS_A_QUEUE: Final = 30 * 24 * 3_600 // 20 * 5
"""Lambda asks each queue by five long polls of 20 s at once."""


def idle_stack() -> Bill:
    """Return what the stack costs by being there."""
    text = TEMPLATE.read_text(encoding="utf-8")
    return Bill(
        "a stack without devices, a month",
        {
            Item.ALARMS: len(re.findall(r"Type: AWS::CloudWatch::Alarm", text)),
            Item.DASHBOARDS: len(re.findall(r"Type: AWS::CloudWatch::Dashboard", text)),
            Item.KEYS: len(re.findall(r"Type: AWS::KMS::Key$", text, re.MULTILINE)),
            Item.METRICS: METRICS,
            Item.QUEUE_REQUESTS: len(re.findall(r"Type: SQS$", text, re.MULTILINE)) * POLLS_A_QUEUE,
            Item.INVOCATIONS: ROUNDS,
            Item.GB_SECONDS: ROUNDS * ROUND_SECONDS * 0.5,
            Item.READS: ROUNDS,
            Item.TRACES: ROUNDS,
            Item.LOG_GB: ROUNDS * 1_500 / 1e9,
        },
    )
