"""The dispatch queue: orders to our own function behind it, which the state machines give it as well."""

import json
import math
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from edgeflow.adapters.aws_errors import unavailable
from edgeflow.contract.history.details import Actor

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient

_SERVICE: Final = "SQS"
_FIRST_SECONDS: Final = 10
_MOST_SECONDS: Final = 300


class SqsDispatchQueue:
    """The dispatch queue; implements ``DispatchQueue``."""

    def __init__(self, client: "SQSClient", *, queue_url: str) -> None:
        """Write to the queue with this address."""
        self._client = client
        self._queue_url = queue_url

    def wind_down(self, deployment_id: str) -> None:
        """Order that a deployment that is being cancelled is wound down.

        Raises:
            Unavailable: SQS throttles or does not answer.
        """
        self._send({"command": "wind_down", "deployment_id": deployment_id})

    def give_up(self, deployment_id: str, device_id: str, *, by: Actor, asked_at: str, after: timedelta) -> None:
        """Order that one device is given up, once its cancelled job has ended.

        Raises:
            Unavailable: SQS throttles or does not answer.
        """
        order = {
            "command": "give_up",
            "deployment_id": deployment_id,
            "device_id": device_id,
            "by": by.model_dump(mode="json"),
            "asked_at": asked_at,
        }
        self._send(order, after=after)

    def again(self, order: str, *, after: timedelta) -> None:
        """Put an order back that cannot be completed now; its body as it came.

        Raises:
            Unavailable: SQS throttles or does not answer.
        """
        self._put(order, after=after)

    def sooner(self, receipt: str, *, deliveries: int) -> None:
        """Let a message that failed for want of AWS come again in 10 s, then twice as late each time, up to 5 minutes.

        Raises:
            Unavailable: SQS throttles or does not answer; it comes when its visibility timeout is over.
        """
        seconds = min(_FIRST_SECONDS * 2 ** (max(1, deliveries) - 1), _MOST_SECONDS)
        with unavailable(_SERVICE):
            self._client.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            )

    def _send(self, order: Mapping[str, object], *, after: timedelta = timedelta()) -> None:
        self._put(json.dumps(order), after=after)

    def _put(self, body: str, *, after: timedelta) -> None:
        with unavailable(_SERVICE):
            self._client.send_message(
                QueueUrl=self._queue_url, MessageBody=body, DelaySeconds=math.ceil(after.total_seconds())
            )
