"""The device side of EdgeFlow: takes orders from AWS IoT Jobs and runs flows.

``document`` reads an order, ``engine`` carries it out, ``transport`` talks to AWS IoT; the engine knows no network.
Of the cloud's package only ``edgeflow.contract`` is imported.
"""

from typing import Final

AGENT_VERSION: Final = "0.1.0"
"""Named in every health report. It is the version in pyproject.toml."""
