"""Things and certificates in AWS IoT: those of others are left alone, and its address is asked for once."""

from typing import Final

import boto3
import pytest
from botocore.stub import Stubber

from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.domain.devices import Endpoint
from edgeflow.domain.errors import Conflict, Unavailable

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


@pytest.mark.parametrize(("is_there", "error"), [(True, Conflict), (False, Unavailable)])
def test_a_list_that_is_behind_is_no_certificate_of_somebody_else(is_there: bool, error: type[Exception]) -> None:  # noqa: FBT001
    client = boto3.client("iot", region_name="eu-central-1")
    arn = f"arn:aws:iot:eu-central-1:123456789012:cert/{'ab' * 32}"
    with Stubber(client) as stubber:
        stubber.add_response("describe_thing", {"attributes": {"managed_by": "edgeflow"}}, {"thingName": "dev_001"})
        stubber.add_response("list_thing_principals", {"principals": [arn]}, {"thingName": "dev_001"})
        if is_there:
            stubber.add_response("describe_certificate", {"certificateDescription": {}}, {"certificateId": "ab" * 32})
        else:
            stubber.add_client_error("describe_certificate", "ResourceNotFoundException", http_status_code=404)
        with pytest.raises(error):
            AwsIotRegistry(client, POLICY_NAME).delete_thing("dev_001")
        stubber.assert_no_pending_responses()
