"""The queue that reports of devices come by: telling ourselves, later, to look at a device again."""

import json
import math
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from edgeflow.adapters.aws_errors import unavailable
from edgeflow.domain.absences import Absence

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient

MAX_DELAY_SECONDS: Final = 900  # SQS: DelaySeconds

_SERVICE: Final = "SQS"


class SqsReportsQueue:
    """The reports queue; implements ``ReportsQueue``."""

    def __init__(self, client: "SQSClient", *, queue_url: str) -> None:
        """Write to the queue with this address."""
        self._client = client
        self._queue_url = queue_url

    def look_again(self, absence: Absence, *, after: timedelta) -> None:
        """Send a message that comes back when the time is over, or after the longest delay there is.

        Raises:
            Unavailable: SQS throttles or does not answer.
        """
        told = {
            "kind": "absence",
            "device_id": absence.device_id,
            "connection": absence.connection,
            "at_ms": absence.at_ms,
        }
        delay = min(math.ceil(after.total_seconds()), MAX_DELAY_SECONDS)
        with unavailable(_SERVICE):
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(told), DelaySeconds=delay)
