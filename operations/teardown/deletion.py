"""Deletes the stack, tells how far it is, and says what could not be deleted and why."""

from collections.abc import Callable
from typing import Final

from edgeflow.contract.wording import counted
from operations.clients import Clients
from operations.errors import NotFinished
from operations.stack import GONE, Resource, Stack, read
from operations.waiting import Clock, rounds

IN_PROGRESS: Final = "DELETE_IN_PROGRESS"
_FAILED: Final = "DELETE_FAILED"
_EVERY_SECONDS: Final = 10
_AT_MOST_SECONDS: Final = 3600
_MADE_GOOD_SECONDS: Final = 300
"""AWS IoT deletes a policy at the latest so long after it was detached (API reference, DeletePolicy)."""


def delete(
    clients: Clients, stack: Stack, clock: Clock, say: Callable[[str], None], *, mend: Callable[[], None]
) -> None:
    """Delete the stack, after ``mend`` once more where that failed.

    Raises:
        NotFinished: it could not be deleted, or takes longer than an hour.
    """
    ended = _try(clients, stack, clock, say)
    if ended.status == _FAILED:
        for each in failed(ended):
            say(f"  not deleted: {_sentence(each)}")
        mend()
        if any(each.kind == "AWS::IoT::Policy" for each in failed(ended)):
            say(f"AWS IoT lets a detached policy go within {_MADE_GOOD_SECONDS // 60} min: waiting for that")
            clock.sleep(_MADE_GOOD_SECONDS)
        say("Deleting the stack once more")
        ended = _try(clients, ended, clock, say)
    if ended.status == _FAILED:
        told = "; ".join(_sentence(each) for each in failed(ended)) or "CloudFormation names no resource"
        message = (
            f"{stack.name} could not be deleted: {told}. Remove what holds them, then run this again; "
            f"`aws cloudformation delete-stack --stack-name {stack.name} --retain-resources …` leaves them behind."
        )
        raise NotFinished(message)


def failed(stack: Stack) -> list[Resource]:
    """Return the resources that could not be deleted."""
    return [each for each in stack.resources if each.status == _FAILED]


def _try(clients: Clients, stack: Stack, clock: Clock, say: Callable[[str], None]) -> Stack:
    if stack.status != IN_PROGRESS:
        clients("cloudformation").delete_stack(StackName=stack.arn)
    told = -1
    for _ in rounds(clock, every=_EVERY_SECONDS, at_most=_AT_MOST_SECONDS):
        now = read(clients, stack.arn)
        gone = sum(each.status in {GONE, "DELETE_SKIPPED"} for each in now.resources)
        if gone != told:
            say(f"  {gone} of {counted(len(now.resources), 'resource', 'is', 'are')} gone")
            told = gone
        if now.status in {GONE, _FAILED}:
            return now
    message = f"{stack.name} is still being deleted after an hour. Run this again to go on waiting."
    raise NotFinished(message)


def _sentence(resource: Resource) -> str:
    name = f"{resource.logical_id} ({resource.kind} {resource.physical_id})"
    return f"{name}: {resource.reason.rstrip('.')}" if resource.reason else name
