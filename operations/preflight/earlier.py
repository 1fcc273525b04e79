"""What an earlier stack of this name has left, or left in a state that cannot be deployed to."""

from collections.abc import Iterator
from typing import Final

from edgeflow.contract.wording import counted
from operations.clients import Clients
from operations.preflight.findings import Finding, error, warning, well
from operations.stack import GONE, find
from operations.teardown.leftovers import tagged

CHECK: Final = "earlier stack"
_STUCK: Final = frozenset({"CREATE_FAILED", "DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})
"""Such a stack can be deleted, and nothing else."""
_SHOWN: Final = 5


def earlier(clients: Clients, stack_name: str) -> Iterator[Finding]:
    """Say whether a deployment would create or update, and what is in its way."""
    stack = find(clients, stack_name)
    if stack is not None and stack.status in _STUCK:
        yield error(
            CHECK,
            f"{stack_name} is {stack.status}",
            why="CloudFormation updates no stack in this state",
            remedy=f"make teardown STACK={stack_name}",
        )
    elif stack is not None and stack.status.endswith("_IN_PROGRESS") and stack.status != "REVIEW_IN_PROGRESS":
        yield error(
            CHECK,
            f"{stack_name} is {stack.status}",
            why="CloudFormation does one thing at a time with a stack",
            remedy="wait until that has ended",
        )
    elif stack is not None and stack.status != GONE:
        yield well(CHECK, f"{stack_name} is {stack.status}, so a deployment updates it")
    else:
        arns = tagged(clients, stack_name)
        if arns:
            shown = ", ".join(arns[:_SHOWN])
            yield warning(
                CHECK,
                f"of an earlier {stack_name} {counted(len(arns), 'resource', 'is', 'are')} there: {shown}",
                why="a new stack uses none of them; what is kept costs money, and a name that is taken is refused",
                remedy=f"make teardown STACK={stack_name} lists them with the commands that remove them",
            )
        else:
            yield well(CHECK, f"there is no {stack_name} yet, and nothing is left of one")
