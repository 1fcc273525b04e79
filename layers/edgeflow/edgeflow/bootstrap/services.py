"""What rollouts and operators call of AWS, beside table and bucket."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from edgeflow.adapters.deployments.dispatch_queue import SqsDispatchQueue
from edgeflow.adapters.deployments.thing_groups import AwsThingGroups
from edgeflow.adapters.rollout.iot_jobs import IotJobs
from edgeflow.adapters.rollout.workflows import StepFunctions
from edgeflow.bootstrap.clients import PATIENT
from edgeflow.settings import setting

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient
    from types_boto3_sqs.client import SQSClient
    from types_boto3_stepfunctions.client import SFNClient


@cache
def jobs() -> IotJobs:
    """Return AWS IoT Jobs, with the role that ``JOB_ROLE_ARN`` names."""
    client: IoTClient = boto3.client("iot", config=PATIENT)
    role = setting("JOB_ROLE_ARN")
    return IotJobs(
        client,
        region=client.meta.region_name,
        account_id=role.split(":")[4],  # arn:aws:iam::ACCOUNT:role/NAME
        bucket=setting("ARTIFACT_BUCKET"),
        job_role_arn=role,
    )


@cache
def workflows() -> StepFunctions:
    """Return the state machines whose ARNs begin with ``STATE_MACHINE_ARN_PREFIX``."""
    client: SFNClient = boto3.client("stepfunctions", config=PATIENT)
    return StepFunctions(client, state_machine_arn_prefix=setting("STATE_MACHINE_ARN_PREFIX"))


@cache
def thing_groups() -> AwsThingGroups:
    """Return AWS IoT's thing groups."""
    client: IoTClient = boto3.client("iot", config=PATIENT)
    return AwsThingGroups(client)


@cache
def dispatch_queue() -> SqsDispatchQueue:
    """Return the queue of orders that ``DISPATCH_QUEUE_URL`` names."""
    client: SQSClient = boto3.client("sqs", config=PATIENT)
    return SqsDispatchQueue(client, queue_url=setting("DISPATCH_QUEUE_URL"))


def queue_of_order(arn: str) -> SqsDispatchQueue:
    """Return the queue with this ARN: the one that ``CONTROL_QUEUE_URL`` names, or the dispatch queue."""
    control = setting("CONTROL_QUEUE_URL")
    if arn.rpartition(":")[2] != control.rpartition("/")[2]:
        return dispatch_queue()
    client: SQSClient = boto3.client("sqs", config=PATIENT)
    return SqsDispatchQueue(client, queue_url=control)
