"""How what is waited for looks in answers."""

from edgeflow.contract.rest.waits import TargetWaitView, WaitDevices, WaitView
from edgeflow.domain.clock import timestamp
from edgeflow.domain.target_waiting import TargetWait
from edgeflow.use_cases.deployments.read_waits import Waits


def wait_view(waits: Waits) -> WaitView | None:
    """Return what a deployment waits for; None when it has ended."""
    wait = waits.deployment
    if wait is None:
        return None
    counted = None if wait.outstanding is None else WaitDevices(count=wait.outstanding, first=list(waits.first))
    return WaitView(
        what=wait.what.value,
        wave=wait.wave,
        devices=counted,
        until=timestamp(wait.until) if wait.until is not None else None,
        then=wait.then,
        overdue=wait.overdue,
        sentence=waits.sentence,
    )


def target_wait_view(wait: TargetWait | None) -> TargetWaitView | None:
    """Return what a target waits for; None unless it is deploying."""
    if wait is None:
        return None
    return TargetWaitView(
        what=wait.what.value,
        since=timestamp(wait.since) if wait.since is not None else None,
        until=timestamp(wait.until) if wait.until is not None else None,
        sentence=wait.sentence,
    )
