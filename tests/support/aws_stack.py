"""A stack for the commands that are run around one: AWS CloudFormation stood in for, all else in moto."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, NoReturn

import boto3
from botocore.exceptions import ClientError

from tests.support.aws import REGION, create_table

NAME: Final = "edgeflow-dev"
ACCOUNT: Final = "123456789012"
ARN: Final = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{NAME}/6f0c"
DEVICES: Final = f"{NAME}-device"
CLAIMS: Final = f"{NAME}-claim"
TABLE: Final = f"{NAME}-Table-1X"
BUCKET: Final = f"{NAME}-artifactbucket-1x"
TAGS: Final = {"application": "edgeflow", "stack": NAME}
START: Final = datetime(2026, 11, 29, tzinfo=UTC)


class Seconds:
    """A clock that goes on by being slept on; ``wakes`` is called each time."""

    def __init__(self) -> None:
        self.slept = 0.0
        self.wakes: Callable[[], None] = lambda: None

    def now(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.wakes()


@dataclass
class CloudFormation:
    """Keeps one stack. moto knows no policies of AWS IoT in stacks, and no DELETE_FAILED.

    Deleting removes the policies from ``iot`` and fails as AWS does while one is attached; all else are only names.
    """

    iot: Any
    resources: dict[str, tuple[str, str]]
    status: str = "CREATE_COMPLETE"
    protected: bool = False
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=lambda: dict(TAGS))
    deletions: int = 0
    statuses: dict[str, tuple[str, str]] = field(default_factory=dict)
    looks_until_gone: int = 0
    others: list[Mapping[str, Any]] = field(default_factory=list)

    def get_paginator(self, name: str) -> "Pages":
        return Pages({"list_stacks": self._stacks, "list_stack_resources": self._resources}[name])

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803  as boto3 has it
        assert StackName == ARN, "a deleted stack is known by its id alone"
        if self.status == "DELETE_IN_PROGRESS":
            self.looks_until_gone -= 1
            if self.looks_until_gone < 0:
                self._end()
        described = {
            "StackName": NAME,
            "StackId": ARN,
            "StackStatus": self.status,
            "EnableTerminationProtection": self.protected,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()],
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
        }
        return {"Stacks": [described]}

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803
        assert StackName == ARN
        self.deletions += 1
        self.status = "DELETE_IN_PROGRESS"

    def _end(self) -> None:
        self.status = "DELETE_COMPLETE"
        for logical_id, (kind, physical_id) in self.resources.items():
            self.statuses[logical_id] = ("DELETE_COMPLETE", "")
            if kind in {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"}:
                self.statuses[logical_id] = ("DELETE_SKIPPED", "")
            elif kind == "AWS::IoT::Policy":
                try:
                    self.iot.delete_policy(policyName=physical_id)
                except self.iot.exceptions.DeleteConflictException as error:
                    self.statuses[logical_id] = ("DELETE_FAILED", str(error))
                    self.status = "DELETE_FAILED"
                except self.iot.exceptions.ResourceNotFoundException:
                    pass

    def _stacks(self) -> dict[str, Any]:
        summary = {"StackName": NAME, "StackId": ARN, "StackStatus": self.status}
        if self.status == "DELETE_COMPLETE":
            summary["DeletionTime"] = START  # type: ignore[assignment]
        older = {"StackName": NAME, "StackId": "older", "StackStatus": "DELETE_COMPLETE"}
        before = older | {"DeletionTime": START - timedelta(days=1)}
        return {"StackSummaries": [*self.others, before, summary]}

    def _resources(self) -> dict[str, Any]:
        return {
            "StackResourceSummaries": [
                {
                    "LogicalResourceId": logical_id,
                    "ResourceType": kind,
                    "PhysicalResourceId": physical_id,
                    "ResourceStatus": self.statuses.get(logical_id, ("CREATE_COMPLETE", ""))[0],
                    "ResourceStatusReason": self.statuses.get(logical_id, ("", ""))[1],
                }
                for logical_id, (kind, physical_id) in self.resources.items()
            ]
        }


@dataclass
class Pages:
    """A paginator of one page."""

    page: Callable[[], dict[str, Any]]

    def paginate(self, **_: object) -> Iterator[dict[str, Any]]:
        yield self.page()


class Account:
    """What a deployed stack consists of, as far as its end has to do with it; commands are given ``clients``."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}
        self.iot = self.clients("iot")
        for policy in (DEVICES, CLAIMS):
            self.iot.create_policy(policyName=policy, policyDocument="{}")
        create_table(self.clients("dynamodb"), TABLE)
        self.clients("s3").create_bucket(Bucket=BUCKET)
        key = self.clients("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        self.machine: str = self.clients("stepfunctions").create_state_machine(
            name=f"{NAME}-rolling",
            definition=json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 9, "End": True}}}),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/machine",
        )["stateMachineArn"]
        self.cloud_formation = CloudFormation(
            iot=self.iot,
            resources={
                "DevicePolicy": ("AWS::IoT::Policy", DEVICES),
                "ClaimPolicy": ("AWS::IoT::Policy", CLAIMS),
                "Table": ("AWS::DynamoDB::Table", TABLE),
                "ArtifactBucket": ("AWS::S3::Bucket", BUCKET),
                "ArtifactSigningKey": ("AWS::KMS::Key", key),
                "RollingStateMachine": ("AWS::StepFunctions::StateMachine", self.machine),
                "ApiFunction": ("AWS::Lambda::Function", f"{NAME}-api"),
            },
        )
        self.key = key
        self._made["cloudformation"] = self.cloud_formation

    def clients(self, service: str) -> Any:  # noqa: ANN401  a client of any service
        if service not in self._made:
            self._made[service] = boto3.client(service, region_name=REGION)  # type: ignore[call-overload]
        return self._made[service]

    def certificate(self, *policies: str, active: bool = True) -> str:
        made: str = self.iot.create_keys_and_certificate(setAsActive=active)["certificateArn"]
        for policy in policies:
            self.iot.attach_policy(policyName=policy, target=made)
        return made

    def thing(self, name: str, *, ours: bool = True) -> None:
        attributes = {"managed_by": "edgeflow"} if ours else {"managed_by": "somebody"}
        self.iot.create_thing(thingName=name, attributePayload={"attributes": attributes | {"site": "north"}})

    def record(self, device_id: str, *certificates: str) -> None:
        """Write that a device is registered, with its certificates."""
        keys = {"pk": f"DEVICE#{device_id}", "sk": "DEVICE", "gsi1pk": "DEVICES", "gsi1sk": device_id}
        item: dict[str, Any] = {name: {"S": value} for name, value in keys.items()}
        if certificates:
            item["certificates"] = {"SS": list(certificates)}
        self.clients("dynamodb").put_item(TableName=TABLE, Item=item)

    def device(self, name: str) -> str:
        """Register a device; returns its certificate's ARN."""
        certificate = self.certificate(DEVICES)
        self.thing(name)
        self.iot.attach_thing_principal(thingName=name, principal=certificate)
        self.record(name, certificate)
        return certificate

    def things(self) -> set[str]:
        return {each["thingName"] for each in self.iot.list_things()["things"]}

    def certificates(self) -> dict[str, str]:
        """Return the status of each certificate by its ARN."""
        return {each["certificateArn"]: each["status"] for each in self.iot.list_certificates()["certificates"]}


class Interposed:
    """A client of which some methods are replaced; the replacement gets the real one first."""

    def __init__(self, client: Any, **methods: Callable[..., Any]) -> None:  # noqa: ANN401
        self._client = client
        self._methods = methods

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        real = getattr(self._client, name, None)
        method = self._methods.get(name)
        return real if method is None else partial(method, real)


def refuse(code: str, operation: str, message: str = "refused") -> NoReturn:
    """Raise an error as botocore does."""
    raise ClientError({"Error": {"Code": code, "Message": message}}, operation)
