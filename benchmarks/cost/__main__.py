"""Writes docs/costs.md: the three bills and how they were made. ``--check`` only says whether it is up to date."""

import argparse
import sys
from pathlib import Path
from typing import Final

from benchmarks.cost import at_rest as rest
from benchmarks.cost.at_rest import at_rest
from benchmarks.cost.idle_stack import idle_stack
from benchmarks.cost.prices import AS_OF
from benchmarks.cost.rollout import rollout

PAGE: Final = Path(__file__).parents[2] / "docs" / "costs.md"
GOAL: Final = 8.0
"""Dollars a month for 1,000 devices at rest."""


def page() -> str:
    """Return the page."""
    resting, alone = at_rest(), at_rest(received_at_once=1)
    minute = rest.WINDOW_SECONDS
    return f"""# What EdgeFlow costs on AWS

Written by `make costs`; a test holds it up to date. Prices are AWS's list prices in us-east-1 in US dollars,
as of {AS_OF}, without free tiers,
taxes and support (`benchmarks/cost/prices.py`). Compare them with AWS's own pages before you rely on them.

{idle_stack().table()}

{resting.table()}

{rollout().table()}

## How the devices at rest were counted

The function that takes reports in ran in the test's process on a table in memory; of {rest.SAMPLE} devices
with two flows of five nodes each, one
report without news was taken in, and each request to DynamoDB counted by the sizes of items, with the
indexes. A device reports every
{rest.INTERVAL.seconds // 60} minutes, and is connected all the time.

Assumed, for only AWS itself could tell:

- **Time**: {rest.MESSAGE_SECONDS * 1_000:.0f} ms a report and {rest.BATCH_SECONDS * 1_000:.0f} ms a batch,
  at {rest.MEMORY_GB:g} GB.
- **Batches**: {rest.POLLERS} each {minute} s, as many as Lambda gathers at once to begin with.
- **Messages taken from the queue together**: {rest.RECEIVED_AT_ONCE} of a request, the most there can be. If
  each were taken and deleted alone, the month would
  come to ${alone.dollars:.2f} in place of ${resting.dollars:.2f}. `NumberOfEmptyReceives` and the bill of
  the first month show which it is.

Not in it: reconnects (a few cents a thousand), what flows publish by `mqtt_out`, storage of the table, its
backups and the logs (cents), requests of
operators ($3.50 a million), data out to the internet, and the console.

The rollout is reckoned from what the design says of each device and wave, rounded up, and was not counted:
job executions are all but a few cents of it.
"""


def main() -> int:
    """Write the page, or compare it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost", description=__doc__)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    written = page()
    print(written)  # noqa: T201  that is what it is for
    if asked.check:
        return 0 if PAGE.read_text(encoding="utf-8") == written else 1
    PAGE.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
