"""What makes MiniStack as late as AWS IoT: settings of its environment, which :mod:`localcloud.launcher` goes by.

| setting | what | module |
|---|---|---|
| ``CANCEL_SECONDS`` | cancelled executions end so much later | :mod:`localcloud.cancel_lag` |
| ``DETACH_SECONDS`` | a certificate leaves its thing so much later | :mod:`localcloud.detach_lag` |
| ``LIST_SECONDS`` | a list that was read is the same for so long | :mod:`localcloud.list_lag` |
| ``CREATE_JOB_REFUSALS`` | each CreateJob is refused with 429 so often first | :mod:`localcloud.throttled_jobs` |

``LAGS_OF`` bounds all but the first to things whose names begin so, ``CANCEL_LAGS_OF`` the first. Without settings
nothing is late.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Final

LAGS_OF: Final = "LAGS_OF"
DETACH_SECONDS: Final = "DETACH_SECONDS"
LIST_SECONDS: Final = "LIST_SECONDS"
CREATE_JOB_REFUSALS: Final = "CREATE_JOB_REFUSALS"
AS_AWS: Final[Mapping[str, str]] = {
    "CANCEL_SECONDS": "5",
    DETACH_SECONDS: "3",
    LIST_SECONDS: "2",
    CREATE_JOB_REFUSALS: "2",
}
"""Of every thing, in the order of what AWS documents ("several seconds"); an SDK tries three times and more."""


def number(name: str) -> float:
    """Return a setting of the environment; 0 where there is none."""
    return float(os.environ.get(name) or 0)


def is_late(things: Iterable[str]) -> bool:
    """Tell whether one of these things is to be late."""
    prefix = os.environ.get(LAGS_OF, "")
    return any(thing.startswith(prefix) for thing in things)
