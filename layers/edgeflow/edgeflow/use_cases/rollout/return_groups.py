"""Which jobs a rollback's plan makes: a group returns to one version, a chunk fits one job."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import Return, TargetStatus
from edgeflow.domain.jobs import ReturnJob, chunked
from edgeflow.use_cases.rollout.ports import TargetOutcome


def chunks_of_returns(
    deployment_id: str, attempt: int, returns: Sequence[Return]
) -> Iterator[tuple[ReturnJob, Sequence[Return]]]:
    """Yield each job of the rollback with the devices it is for; ``returns`` are in order of their groups."""
    for group, entries in groupby(returns, key=lambda entry: entry.group):
        for number, chunk in enumerate(chunked(list(entries))):
            yield ReturnJob(deployment_id=deployment_id, attempt=attempt, group=group, chunk=number), chunk


def no_such_version(version: int | None) -> TargetOutcome:
    """Return the outcome of a device that is to return to a version which the flow does not have."""
    return TargetOutcome(
        status=TargetStatus.ROLLBACK_FAILED,
        reason=Reason.NO_SUCH_VERSION.value,
        message=f"it ran version {version} before by its own word, which there is not, so nothing was sent to it",
    )


def nothing_to_return_to() -> TargetOutcome:
    """Return the outcome of a device of which nobody can tell any more what it ran before, or runs now."""
    return TargetOutcome(
        status=TargetStatus.ROLLBACK_FAILED,
        reason=Reason.UNREADABLE.value,
        message="what it ran before cannot be read any more, so nothing was sent to it",
    )
