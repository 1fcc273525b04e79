"""Events as Lambda hands them over."""

import json
from collections.abc import Sequence
from typing import Any

from edgeflow.adapters.table import Item, to_attributes


def queue_event(bodies: Sequence[str | dict[str, Any]]) -> dict[str, Any]:
    """Return a batch of a queue's messages; their ids are their positions."""
    return {
        "Records": [
            {
                "messageId": str(position),
                "body": body if isinstance(body, str) else json.dumps(body),
                "eventSource": "aws:sqs",
                "receiptHandle": f"receipt {position}",
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
            }
            for position, body in enumerate(bodies)
        ]
    }


def failed(answer: Any) -> list[str]:  # noqa: ANN401  as a handler answers
    """Return the ids of the messages that a handler gave back."""
    return [str(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]


def stream_record(position: int, before: Item | None, after: Item) -> dict[str, Any]:
    """Return the record of a change of an item, in DynamoDB's own form."""
    told: dict[str, Any] = {
        "Keys": to_attributes({"pk": after["pk"], "sk": after["sk"]}),
        "NewImage": to_attributes(after),
        "SequenceNumber": f"{position:021d}",
        "ApproximateCreationDateTime": 1_771_675_200.0,
    }
    return {
        "eventName": "MODIFY" if before is not None else "INSERT",
        "dynamodb": told | ({"OldImage": to_attributes(before)} if before is not None else {}),
    }
