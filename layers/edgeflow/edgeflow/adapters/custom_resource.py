"""Answers of custom resources. CloudFormation waits for one at ``ResponseURL``, after failures too."""

import json
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

RESPONSE_TIMEOUT_SECONDS: Final = 10
MAX_REASON_LENGTH: Final = 1_000  # CloudFormation takes answers of up to 4,096 bytes


class UnansweredError(RuntimeError):
    """CloudFormation did not take the answer; Lambda tries the event again."""


def answer(event: Mapping[str, Any], physical_id: str, reason: str) -> None:
    """Tell CloudFormation that all went well (no reason), or why not.

    ``physical_id`` is that of a new resource. It is always the same: another one would make CloudFormation delete what
    the old one stood for.

    Raises:
        UnansweredError: it did not take the answer.
    """
    body = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": reason[:MAX_REASON_LENGTH],
        "PhysicalResourceId": event.get("PhysicalResourceId", physical_id),
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
