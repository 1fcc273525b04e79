"""Things and certificates in AWS IoT: those of others are left alone, and its address is asked for once."""

from typing import Final

import boto3
import pytest
from botocore.stub import Stubber

from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.domain.devices import Endpoint

POLICY_NAME: Final = "edgeflow-device"


def test_the_address_of_aws_iot_is_asked_for_once(aws: None) -> None:
    client = boto3.client("iot")
    asked: list[str] = []
    client.meta.events.register("before-call.iot.DescribeEndpoint", lambda **_: asked.append("endpoint"))
    registry = AwsIotRegistry(client, POLICY_NAME)
    assert registry.endpoint() == registry.endpoint()
    assert asked == ["endpoint"]


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [
        ("a1-ats.iot.eu-central-1.amazonaws.com", Endpoint(host="a1-ats.iot.eu-central-1.amazonaws.com", port=8883)),
        ("127.0.0.1:18883", Endpoint(host="127.0.0.1", port=18883)),
    ],
)
def test_devices_connect_to_the_port_of_aws_iot_unless_the_endpoint_names_another(
    address: str, endpoint: Endpoint
) -> None:
    client = boto3.client("iot", region_name="eu-central-1")
    with Stubber(client) as stubber:
        stubber.add_response("describe_endpoint", {"endpointAddress": address}, {"endpointType": "iot:Data-ATS"})
        assert AwsIotRegistry(client, POLICY_NAME).endpoint() == endpoint
