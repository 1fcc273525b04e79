"""How clients of AWS wait and try again, and the table that ``TABLE_NAME`` names."""

from functools import cache
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

from edgeflow.adapters.table import Table
from edgeflow.settings import setting

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

PATIENT: Final = Config(
    retries={"mode": "standard", "max_attempts": 5}, connect_timeout=3, read_timeout=20, max_pool_connections=32
)
WITHIN_A_REQUEST: Final = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=3, read_timeout=8)
"""API Gateway gives a request 29 s in all, so waiting long for one call is no use."""


@cache
def table() -> Table:
    """Return the table."""
    client: DynamoDBClient = boto3.client("dynamodb", config=PATIENT)
    return Table(client, setting("TABLE_NAME"))
