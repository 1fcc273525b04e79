"""List prices of AWS in us-east-1, in US dollars, without free tiers. One table, so that a change is one line."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

AS_OF: Final = "2026-11-29"
"""When the table was written, without the price pages at hand: compare them before you rely on it."""


class Item(StrEnum):
    """What AWS charges for, by its own name and unit."""

    CONNECTION_MINUTES = "AWS IoT Core: connection minutes"
    MESSAGES = "AWS IoT Core: messages"
    RULES = "AWS IoT Core: rules triggered"
    ACTIONS = "AWS IoT Core: actions executed"
    REMOTE_ACTIONS = "AWS IoT Device Management: remote actions (job executions)"
    WRITES = "Amazon DynamoDB: write request units"
    READS = "Amazon DynamoDB: read request units"
    QUEUE_REQUESTS = "Amazon SQS: requests, standard queue"
    INVOCATIONS = "AWS Lambda: requests"
    GB_SECONDS = "AWS Lambda: GB-seconds, x86"
    LOG_GB = "Amazon CloudWatch: GB of logs taken in"
    ALARMS = "Amazon CloudWatch: alarms a month"
    METRICS = "Amazon CloudWatch: custom metrics a month"
    DASHBOARDS = "Amazon CloudWatch: dashboards a month"
    TRACES = "AWS X-Ray: traces recorded"
    KEYS = "AWS KMS: keys a month"
    SIGNATURES = "AWS KMS: asymmetric requests, elliptic curves"
    TRANSITIONS = "AWS Step Functions: state transitions"


DOLLARS: Final[Mapping[Item, float]] = {
    Item.CONNECTION_MINUTES: 0.08e-6,
    Item.MESSAGES: 1.00e-6,
    Item.RULES: 0.15e-6,
    Item.ACTIONS: 0.15e-6,
    Item.REMOTE_ACTIONS: 3.00e-3,
    Item.WRITES: 0.625e-6,
    Item.READS: 0.125e-6,
    Item.QUEUE_REQUESTS: 0.40e-6,
    Item.INVOCATIONS: 0.20e-6,
    Item.GB_SECONDS: 1.66667e-5,
    Item.LOG_GB: 0.50,
    Item.ALARMS: 0.10,
    Item.METRICS: 0.30,
    Item.DASHBOARDS: 3.00,
    Item.TRACES: 5.00e-6,
    Item.KEYS: 1.00,
    Item.SIGNATURES: 15.0e-6,
    Item.TRANSITIONS: 25.0e-6,
}


@dataclass(frozen=True, slots=True)
class Bill:
    """Quantities of one case, by what is charged for."""

    title: str
    quantities: Mapping[Item, float]

    @property
    def dollars(self) -> float:
        """What they cost together."""
        return sum(quantity * DOLLARS[item] for item, quantity in self.quantities.items())

    def table(self) -> str:
        """Return it as a table of Markdown, dearest first."""
        rows = sorted(self.quantities.items(), key=lambda row: -row[1] * DOLLARS[row[0]])
        lines = [f"| {self.title} | quantity | dollars |", "|---|---|---|"]
        lines += [f"| {item.value} | {_short(quantity)} | {quantity * DOLLARS[item]:.2f} |" for item, quantity in rows]
        return "\n".join([*lines, f"| **together** | | **{self.dollars:.2f}** |"])


def _short(quantity: float) -> str:
    return f"{quantity:,.0f}" if quantity >= 10 else f"{quantity:.3g}"  # noqa: PLR2004  below ten, decimals count
