"""The deployments that something is at work on, by an index that holds no others: the reconciler looks at each of them.

The index has keys alone, and DynamoDB writes it only where the attribute comes or goes. Every change of a status goes
through :mod:`edgeflow.adapters.deployments.deployment_changes`, which writes the attribute with it.
"""

from collections.abc import Iterator

from edgeflow.adapters.deployments.deployment_counters import counted_deployments
from edgeflow.adapters.deployments.deployment_items import MARK
from edgeflow.adapters.keys import UNFINISHED_LIST
from edgeflow.adapters.table import BY_UNFINISHED, Table
from edgeflow.domain.deployments import Deployment
from edgeflow.domain.unreadable import Unreadable


def unfinished_deployments(table: Table) -> Iterator[Deployment | Unreadable]:
    """Yield them by id, each as it is now: some have ended since the index was written, and are left out."""
    start = None
    while True:
        page = table.query(UNFINISHED_LIST, index=BY_UNFINISHED, start=start)
        items = table.get_many((entry["pk"], entry["sk"]) for entry in page.items)
        at_work = [items[key] for key in sorted(items) if items[key].get(MARK) is not None]
        yield from counted_deployments(table, at_work)
        start = page.last_key
        if start is None:
            return
