"""How often health is reported: at least as often as the open deployments of the device's flows ask for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from edgeflow.contract.ids import FlowId
from edgeflow.contract.job import JobDocument, Watch

MAX_WATCH: Final = timedelta(days=15)
"""A wave may take a week, and the wait after it another one; no device reports often for longer than that."""

Watches = Mapping[FlowId, Watch]
"""What the newest job of each flow asked for, by the cloud's clock."""


def after_job(watches: Watches, document: JobDocument, *, now: datetime) -> dict[FlowId, Watch]:
    """Return what counts once this job has come: one that asks for nothing ends what was asked for its flow.

    What has ended is left out, so that this cannot grow.
    """
    others = {flow_id: watch for flow_id, watch in watches.items() if watch.until > now}
    others.pop(document.flow_id, None)
    if document.watch is None or document.watch.until <= now:
        return others
    until = min(document.watch.until, now + MAX_WATCH)
    return others | {document.flow_id: document.watch.model_copy(update={"until": until})}


def is_watched(watches: Watches, *, now: datetime) -> bool:
    """Tell whether an open deployment waits for reports."""
    return any(watch.until > now for watch in watches.values())


def seconds_between_reports(watches: Watches, *, now: datetime, at_rest: float) -> float:
    """Return how many seconds may pass between two reports; ``at_rest`` is that where no deployment is open."""
    return min([at_rest, *(watch.every_seconds for watch in watches.values() if watch.until > now)])
