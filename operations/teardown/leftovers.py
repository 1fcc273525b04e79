"""What is still there of a stack once it is gone: by its tags, its log groups, its jobs."""

from collections.abc import Iterator
from typing import Final

from edgeflow.domain.jobs import parse_job_id
from operations.clients import Clients
from operations.stack import OURS, Stack

_SHOWN: Final = 20


def tagged(clients: Clients, name: str) -> list[str]:
    """Return the ARNs of all resources that bear the tags of a stack of this name.

    AWS may list what was deleted a moment ago.
    """
    filters = [{"Key": OURS[0], "Values": [OURS[1]]}, {"Key": "stack", "Values": [name]}]
    pages = clients("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=filters)
    return sorted(each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"])


def log_groups(clients: Clients, stack: Stack) -> list[str]:
    """Return the stack's log groups that are there, those that a function made by itself among them."""
    names = {each.physical_id for each in stack.of_kind("AWS::Logs::LogGroup")}
    names |= {f"/aws/lambda/{each.physical_id}" for each in stack.of_kind("AWS::Lambda::Function")}
    names |= {
        f"API-Gateway-Execution-Logs_{each.physical_id}/api" for each in stack.of_kind("AWS::ApiGateway::RestApi")
    }
    pages = clients("logs").get_paginator("describe_log_groups")
    there = set()
    for name in sorted(names):  # by full names: the prefix of one stack can begin that of another
        for page in pages.paginate(logGroupNamePrefix=name):
            there |= {each["logGroupName"] for each in page["logGroups"]} & {name}
    return sorted(there)


def jobs(clients: Clients, deployments: frozenset[str]) -> list[str]:
    """Return the ids of the jobs of these deployments."""
    pages = clients("iot").get_paginator("list_jobs").paginate()
    ids = [each["jobId"] for page in pages for each in page["jobs"]]
    return sorted(each for each in ids if (parsed := parse_job_id(each)) and parsed.deployment_id in deployments)


def lines(what: str, names: list[str], command: str) -> Iterator[str]:
    """Yield what to say about one sort of leftovers; nothing where there are none."""
    if names:
        yield f"{what}, {len(names)} left; `{command}`:"
        yield from (f"  {name}" for name in names[:_SHOWN])
    if len(names) > _SHOWN:
        yield f"  and {len(names) - _SHOWN} more"
