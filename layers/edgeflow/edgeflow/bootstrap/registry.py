"""Things and certificates, for requests of the API."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.bootstrap.clients import WITHIN_A_REQUEST
from edgeflow.settings import setting

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient


@cache
def iot_registry() -> AwsIotRegistry:
    """Return AWS IoT's registry, with the policy that ``DEVICE_POLICY_NAME`` names."""
    many_at_once = WITHIN_A_REQUEST.merge(Config(max_pool_connections=32))
    client: IoTClient = boto3.client("iot", config=many_at_once)
    return AwsIotRegistry(client, setting("DEVICE_POLICY_NAME"))
