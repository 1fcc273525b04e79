"""The composition root: adapters made once per Lambda environment, from the environment's settings."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from edgeflow.adapters.table import Table
from edgeflow.settings import setting

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=3, read_timeout=20, max_pool_connections=32)


@cache
def table() -> Table:
    """Return the table that ``TABLE_NAME`` names."""
    client: DynamoDBClient = boto3.client("dynamodb", config=_CONFIG)
    return Table(client, setting("TABLE_NAME"))
