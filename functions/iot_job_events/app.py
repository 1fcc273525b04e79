"""Entry point: a custom resource. CloudFormation waits for an answer at ``ResponseURL``, so failures answer too."""

import json
import urllib.request
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient

logger = Logger()
tracer = Tracer()

# One id whatever happens to the stack: a new one would make CloudFormation delete what the old one stood for.
PHYSICAL_ID: Final = "iot-job-events"
RESPONSE_TIMEOUT_SECONDS: Final = 10
MAX_REASON_LENGTH: Final = 1_000  # CloudFormation takes answers of up to 4,096 bytes

_CONFIG: Final = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=3, read_timeout=8)


class UnansweredError(RuntimeError):
    """CloudFormation did not take the answer; Lambda tries the event again."""


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
    answer(event, reason)


def turn_on() -> None:
    """Turn on the events of jobs and of job executions; the account's other event types stay as they are."""
    client: IoTClient = boto3.client("iot", config=_CONFIG)
    client.update_event_configurations(
        eventConfigurations={"JOB": {"Enabled": True}, "JOB_EXECUTION": {"Enabled": True}}
    )


def answer(event: dict[str, Any], reason: str) -> None:
    """Tell CloudFormation that all went well (no reason), or why not.

    Raises:
        UnansweredError: it did not take the answer.
    """
    body = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": reason[:MAX_REASON_LENGTH],
        "PhysicalResourceId": event.get("PhysicalResourceId", PHYSICAL_ID),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    request = urllib.request.Request(  # noqa: S310  the address is CloudFormation's own
        event["ResponseURL"],
        data=json.dumps(body).encode(),
        method="PUT",
        headers={"Content-Type": ""},  # the address is signed for a request without a type
    )
    try:
        with urllib.request.urlopen(request, timeout=RESPONSE_TIMEOUT_SECONDS) as response:  # noqa: S310  as above
            if response.status != HTTPStatus.OK:
                message = f"CloudFormation answered {response.status}"
                raise UnansweredError(message)
    except OSError as error:
        message = f"CloudFormation did not take the answer: {error}"
        raise UnansweredError(message) from error
