"""A dead-letter queue that a function itself writes to."""

import json
from typing import TYPE_CHECKING, Final

from edgeflow.adapters.aws_errors import unavailable
from edgeflow.use_cases.rollout.set_aside import SetAside

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient

MAX_FAULT_LENGTH: Final = 1_000

_SERVICE: Final = "SQS"


class DeadLetterQueue:
    """One queue; implements ``DeadLetters``."""

    def __init__(self, client: "SQSClient", *, queue_url: str) -> None:
        """Write to the queue with this address."""
        self._client = client
        self._queue_url = queue_url

    def keep(self, record: SetAside) -> None:
        """Send which record it was and what is wrong with it; the item itself is in the table. Raises Unavailable."""
        told = {"record": record.record, "pk": record.pk, "fault": record.fault[:MAX_FAULT_LENGTH]}
        with unavailable(_SERVICE):
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(told))
