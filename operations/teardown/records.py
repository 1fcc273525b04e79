"""Which devices, certificates and deployments a stack has: its table says so, also where AWS IoT does not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from edgeflow.adapters.keys import DEPLOYMENTS_LIST, DEVICES_LIST
from edgeflow.adapters.table import BY_LIST
from operations.clients import Clients, code_of
from operations.stack import Stack


@dataclass(frozen=True)
class Registered:
    """Thing names of all registered devices, and the ARNs of the certificates that were made for them."""

    device_ids: frozenset[str]
    certificates: frozenset[str]


def registered(clients: Clients, stack: Stack) -> Registered:
    """Return the devices that the stack has; none when there is no table any more."""
    items = list(_listed(clients, stack, DEVICES_LIST))
    return Registered(
        device_ids=frozenset(_id(item) for item in items),
        certificates=frozenset(arn for item in items for arn in item.get("certificates", {}).get("SS", [])),
    )


def deployment_ids(clients: Clients, stack: Stack) -> frozenset[str]:
    """Return the ids of all deployments; none when there is no table any more."""
    return frozenset(_id(item) for item in _listed(clients, stack, DEPLOYMENTS_LIST))


def _id(item: Mapping[str, Any]) -> str:
    text: str = item["pk"]["S"]
    return text.partition("#")[2]


def _listed(clients: Clients, stack: Stack, name: str) -> Iterator[Mapping[str, Any]]:
    for table in stack.of_kind("AWS::DynamoDB::Table"):
        pages = (
            clients("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=table.physical_id,
                IndexName=BY_LIST,
                KeyConditionExpression="gsi1pk = :list",
                ExpressionAttributeValues={":list": {"S": name}},
                ProjectionExpression="pk, certificates",
            )
        )
        try:
            for page in pages:
                yield from page["Items"]
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
