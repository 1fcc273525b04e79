"""A stack as CloudFormation tells of it, also for some months after it was deleted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from operations.clients import Clients

GONE: Final = "DELETE_COMPLETE"
OURS: Final = ("application", "edgeflow")
"""The tag that samconfig.toml gives every stack of EdgeFlow, and through it each resource."""


@dataclass(frozen=True)
class Resource:
    """One resource: its name in the template, ``AWS::…``, its name or ARN in AWS, its status and why it has that."""

    logical_id: str
    kind: str
    physical_id: str
    status: str
    reason: str


@dataclass(frozen=True)
class Stack:
    """One stack. ``is_protected`` is CloudFormation's termination protection."""

    name: str
    arn: str
    status: str
    is_protected: bool
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    resources: tuple[Resource, ...]

    def of_kind(self, kind: str) -> list[Resource]:
        """Return its resources of a kind, such as ``AWS::IoT::Policy``, that were made."""
        return [each for each in self.resources if each.kind == kind and each.physical_id]

    def physical_id(self, logical_id: str) -> str | None:
        """Return the name in AWS of what the template calls so; None where it was never made."""
        found = [each.physical_id for each in self.resources if each.logical_id == logical_id]
        return found[0] or None if found else None


def find(clients: Clients, name: str) -> Stack | None:
    """Return the stack of this name, else the one that was deleted last, else None.

    AWS CloudFormation tells of deleted stacks for 90 days
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html).
    """
    client = clients("cloudformation")
    pages = client.get_paginator("list_stacks").paginate()
    named = [each for page in pages for each in page["StackSummaries"] if each["StackName"] == name]
    if not named:
        return None
    return read(clients, max(named, key=_age)["StackId"])


def read(clients: Clients, arn: str) -> Stack:
    """Return the stack with this id."""
    described = clients("cloudformation").describe_stacks(StackName=arn)["Stacks"][0]
    return Stack(
        name=described["StackName"],
        arn=described["StackId"],
        status=described["StackStatus"],
        is_protected=described.get("EnableTerminationProtection", False),
        parameters={each["ParameterKey"]: each["ParameterValue"] for each in described.get("Parameters", [])},
        tags={each["Key"]: each["Value"] for each in described.get("Tags", [])},
        resources=tuple(_resources(clients, arn)),
    )


def _resources(clients: Clients, arn: str) -> Iterator[Resource]:
    for page in clients("cloudformation").get_paginator("list_stack_resources").paginate(StackName=arn):
        for each in page["StackResourceSummaries"]:
            yield Resource(
                logical_id=each["LogicalResourceId"],
                kind=each["ResourceType"],
                physical_id=each.get("PhysicalResourceId", ""),
                status=each["ResourceStatus"],
                reason=each.get("ResourceStatusReason", ""),
            )


def _age(summary: Mapping[str, Any]) -> tuple[bool, datetime]:
    """Order a stack that is there after all that are gone, and those by when they went."""
    return summary["StackStatus"] != GONE, summary.get("DeletionTime", datetime.min.replace(tzinfo=UTC))
