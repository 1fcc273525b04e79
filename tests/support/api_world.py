"""The API's handler over moto in this process: the stack's settings and resources, as far as the API looks at them."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import boto3

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.table import Table
from tests.support.aws import TABLE_NAME

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import WriteRequestTypeDef

POLICY_NAME: Final = "edgeflow-device"
ACCOUNT: Final = "123456789012"
PREFIX: Final = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:edgeflow-"


def settings(bucket: str, signing_key: str, dispatch_queue_url: str) -> dict[str, str]:
    """Return the environment of the API's function."""
    return {
        "TABLE_NAME": TABLE_NAME,
        "ARTIFACT_BUCKET": bucket,
        "DEVICE_POLICY_NAME": POLICY_NAME,
        "ARTIFACT_SIGNING_KEY": signing_key,
        "PROVISIONING_TEMPLATE": "edgeflow",
        "LONG_POLLS": "2",
        "CORS_ORIGIN": "none",
        "STACK_MARK": "5f3a9c01",
        "TOPIC_RULES": "edgeflow",
        "HEALTH_WINDOW_SECONDS": "30",
        "JOB_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/jobs",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "DISPATCH_QUEUE_URL": dispatch_queue_url,
    }


def create_machines() -> None:
    """Make the stack's state machines, which start and do nothing."""
    client = boto3.client("stepfunctions")
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    for name in ("all-at-once", "rolling", "canary", "blue-green", "rollback"):
        role = f"arn:aws:iam::{ACCOUNT}:role/machine"
        client.create_state_machine(name=f"edgeflow-{name}", definition=definition, roleArn=role)


def create_things(device_ids: list[str]) -> None:
    """Make the devices' things."""
    for device_id in device_ids:
        boto3.client("iot").create_thing(thingName=device_id)


def register(device_ids: list[str]) -> None:
    """Register devices as the API does, but for their certificates: to make a key takes a twentieth of a second."""
    create_things(device_ids)
    devices = DeviceStore(Table(boto3.client("dynamodb"), TABLE_NAME))
    for device_id in device_ids:
        devices.begin(device_id, attempt="first", at="2026-02-21T12:00:00Z", dead_before="", by="operator")
        devices.finish(device_id, f"arn:aws:iot:us-east-1:{ACCOUNT}:cert/{device_id}", attempt="first")


@dataclass(frozen=True)
class Remembered:
    """What the API wrote: items of the table and objects of the bucket, to be put there again soon."""

    items: list[dict[str, Any]] = field(default_factory=list)
    objects: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, bucket: str) -> Self:
        """Read all there is."""
        s3 = boto3.client("s3")
        listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        objects = {each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in listed}
        return cls(boto3.client("dynamodb").scan(TableName=TABLE_NAME)["Items"], objects)

    def write(self, bucket: str) -> None:
        """Put it where nothing is yet."""
        puts: list[WriteRequestTypeDef] = [{"PutRequest": {"Item": item}} for item in self.items]
        boto3.client("dynamodb").batch_write_item(RequestItems={TABLE_NAME: puts})
        for key, body in self.objects.items():
            boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
