"""The command ``teardown``, from the first look to the list of what is left. A second run goes on where one ended."""

from collections.abc import Callable
from typing import Final

from edgeflow.contract.wording import counted
from operations.clients import Clients
from operations.errors import Refused
from operations.stack import GONE, OURS, Stack, find, read
from operations.teardown import executions, leftovers
from operations.teardown.deletion import IN_PROGRESS, delete
from operations.teardown.devices import DEVICE_POLICY, Devices
from operations.teardown.kept import PENDING_DAYS, kept, remove
from operations.teardown.records import deployment_ids
from operations.waiting import Clock

Say = Callable[[str], None]
_REMOVES_A_CERTIFICATE: Final = (
    "aws iot update-certificate --new-status INACTIVE --certificate-id ID, then aws iot delete-certificate "
    "--certificate-id ID"
)
_UNDER_WAY: Final = "_IN_PROGRESS"
_PLANNED: Final = "REVIEW_IN_PROGRESS"  # a change set that nobody has executed: nothing is under way
_CANNOT_BE_UPDATED: Final = frozenset({IN_PROGRESS, _PLANNED, "DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})
"""Such a stack was never of use, or is half gone: Protected cannot be taken from it by deploying."""


def teardown(
    clients: Clients, name: str, *, deletes_data: bool, confirmed: Callable[[], bool], clock: Clock, say: Say
) -> None:
    """Tear the stack of this name down; ``confirmed`` is asked once it is clear what that means.

    Raises:
        Refused: there is no such stack, it is protected, or it was not confirmed; nothing was done.
        NotFinished: the same command again goes on from there.
    """
    stack = find(clients, name)
    if stack is None:
        message = f"There is no stack {name} in this region, nor was there one in the last 90 days."
        raise Refused(message)
    refuse_what_must_stay(stack)
    devices = Devices(clients, stack, clock, say)
    for line in _plan(clients, stack, devices, deletes_data=deletes_data):
        say(line)
    if not confirmed():
        message = "Nothing was done."
        raise Refused(message)
    stays: list[str] = []
    deployments = deployment_ids(clients, stack)
    if stack.status != GONE:
        executions.stop(clients, stack, clock, say)
        stays = devices.remove()
        executions.stop(clients, stack, clock, say)  # those that the safety net began meanwhile
        say(f"Deleting the stack {name}")
        delete(clients, read(clients, stack.arn), clock, say, mend=_mending(clients, stack, devices, clock, say))
    if deletes_data:
        for each in kept(clients, stack):
            remove(clients, each, say)
    for line in _what_is_left(clients, stack, stays, deployments):
        say(line)


def refuse_what_must_stay(stack: Stack) -> None:
    """Raise Refused for a stack that is protected, is being changed, or is none of EdgeFlow's."""
    name = stack.name
    ours = stack.tags.get(OURS[0]) == OURS[1] or stack.physical_id(DEVICE_POLICY)
    if not ours:
        message = f"{name} is no stack of EdgeFlow: it has no tag application=edgeflow and no DevicePolicy."
    elif stack.status == GONE:
        return
    elif stack.is_protected:
        message = (
            f"{name} has termination protection. To take it off: aws cloudformation "
            f"update-termination-protection --no-enable-termination-protection --stack-name {name}"
        )
    elif stack.parameters.get("Protected") == "true" and stack.status not in _CANNOT_BE_UPDATED:
        message = (
            f"{name} is deployed with Protected=true. Deploy it with Protected=false first: put that in its "
            f"parameter_overrides in samconfig.toml, then run sam deploy with its --config-env."
        )
    elif stack.status.endswith(_UNDER_WAY) and stack.status not in {IN_PROGRESS, _PLANNED}:
        message = f"{name} is {stack.status}. Wait until that has ended, then run this again."
    else:
        return
    raise Refused(message)


def _plan(clients: Clients, stack: Stack, devices: Devices, *, deletes_data: bool) -> list[str]:
    found = kept(clients, stack)
    if stack.status == GONE:
        said = [f"The stack {stack.name} is deleted already ({stack.arn})."]
    else:
        certificates = counted(devices.count(), "certificate")
        said = [
            f"This tears down the stack {stack.name} ({stack.arn}), which is {stack.status}:",
            f"- stops {counted(len(executions.running(clients, stack)), 'running execution')}",
            f"- deletes the devices of up to {certificates} from AWS IoT: they can never connect again",
            f"- deletes the stack with {counted(len(stack.resources), 'resource')}",
        ]
    what = f"deletes with all that they hold (a key after {PENDING_DAYS} days)" if deletes_data else "keeps"
    return [*said, *(f"- {what}: {each.kind} {each.name}" for each in found)]


def _mending(clients: Clients, stack: Stack, devices: Devices, clock: Clock, say: Say) -> Callable[[], None]:
    def mend() -> None:
        executions.stop(clients, stack, clock, say)
        devices.detach_policies()

    return mend


def _what_is_left(clients: Clients, stack: Stack, stays: list[str], deployments: frozenset[str]) -> list[str]:
    said = [f"The stack {stack.name} is gone."]
    if stays:
        said += ["Left in AWS IoT, for they are not this stack's alone:", *(f"  {each}" for each in stays)]
        said += [f"To remove a certificate: {_REMOVES_A_CERTIFICATE}"]
    found = kept(clients, stack)
    if found:
        said += [f"Its data is kept. To remove all of it: make teardown STACK={stack.name} DATA=delete"]
    for each in found:
        said += [f"Kept: {each.kind} {each.name}. To remove it:", *(f"  {command}" for command in each.commands)]
    said += leftovers.lines(
        "Log groups", leftovers.log_groups(clients, stack), "aws logs delete-log-group --log-group-name NAME"
    )
    said += leftovers.lines("Jobs", leftovers.jobs(clients, deployments), "aws iot delete-job --force --job-id ID")
    said += leftovers.lines(
        "Resources with the tags of this stack",
        leftovers.tagged(clients, stack.name),
        "aws resourcegroupstaggingapi get-resources",
    )
    return said
