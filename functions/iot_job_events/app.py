"""Entry point: a custom resource, which turns on the account's events of IoT jobs."""

from typing import TYPE_CHECKING, Any, Final

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from edgeflow.adapters.custom_resource import answer

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient

logger = Logger()
tracer = Tracer()

PHYSICAL_ID: Final = "iot-job-events"

_CONFIG: Final = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=3, read_timeout=8)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Turn the events on at Create and Update; Delete leaves them on, since they are the account's, not the stack's.

    Raises:
        UnansweredError: CloudFormation did not take the answer.
    """
    reason = ""
    try:
        if event["RequestType"] != "Delete":
            turn_on()
    except (BotoCoreError, ClientError) as error:
        logger.exception("events of jobs could not be turned on")
        reason = f"{error} (log stream {context.log_stream_name})"
    answer(event, PHYSICAL_ID, reason)


def turn_on() -> None:
    """Turn on the events of jobs and of job executions; the account's other event types stay as they are."""
    client: IoTClient = boto3.client("iot", config=_CONFIG)
    client.update_event_configurations(
        eventConfigurations={"JOB": {"Enabled": True}, "JOB_EXECUTION": {"Enabled": True}}
    )
