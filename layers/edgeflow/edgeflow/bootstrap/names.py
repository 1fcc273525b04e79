"""What requests may call by more than its id."""

from edgeflow.bootstrap import stores
from edgeflow.use_cases.flows.find_flow import FindFlow


def find_flow() -> FindFlow:
    """Return the look-up of a flow by its id or its slug, behind every route that names one."""
    return FindFlow(stores.flows())
