"""Where the functions behind the table's stream put what they cannot deal with."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from edgeflow.adapters.rollout.dead_letters import DeadLetterQueue
from edgeflow.bootstrap.clients import PATIENT
from edgeflow.settings import setting

if TYPE_CHECKING:
    from types_boto3_sqs.client import SQSClient


@cache
def dead_letters() -> DeadLetterQueue:
    """Return the queue that ``DEAD_LETTER_QUEUE_URL`` names."""
    client: SQSClient = boto3.client("sqs", config=PATIENT)
    return DeadLetterQueue(client, queue_url=setting("DEAD_LETTER_QUEUE_URL"))
