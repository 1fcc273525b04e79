"""The dispatch queue: orders to our own function behind it, which the state machines give it as well."""

import json
from typing import TYPE_CHECKING, Final

from edgeflow.adapters.aws_errors import unavailable

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient

_SERVICE: Final = "SQS"


class DispatchQueue:
    """The dispatch queue; implements ``ports.Commands``."""

    def __init__(self, client: "SQSClient", *, queue_url: str) -> None:
        """Write to the queue with this address."""
        self._client = client
        self._queue_url = queue_url

    def wind_down(self, deployment_id: str) -> None:
        """Order that a deployment that is being cancelled is wound down.

        Raises:
            Unavailable: SQS throttles or does not answer.
        """
        order = {"command": "wind_down", "deployment_id": deployment_id}
        with unavailable(_SERVICE):
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(order))
