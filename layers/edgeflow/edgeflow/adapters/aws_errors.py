"""Telling AWS's passing troubles from real faults, by error code."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004  botocore's name

from edgeflow.domain.errors import Unavailable

NOT_FOUND: Final = frozenset({"ResourceNotFoundException", "NoSuchKey", "404"})

_PASSING: Final = frozenset(
    {
        # any service
        "InternalFailure",
        "InternalServerError",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        # DynamoDB
        "ProvisionedThroughputExceededException",
        "TransactionConflictException",
        "TransactionInProgressException",
        # IoT
        "InternalFailureException",
        "LimitExceededException",
        # KMS
        "DependencyTimeoutException",
        "KMSInternalException",
        # S3
        "InternalError",
        "SlowDown",
        # Step Functions
        "ExecutionLimitExceeded",
        "KmsThrottlingException",
    }
)


def error_code(error: ClientError) -> str:
    """Return AWS's stable code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def unavailable(service: str) -> Iterator[None]:
    """Turn throttling, and a service that does not answer, into Unavailable; other errors pass."""
    try:
        yield
    except ClientError as error:
        if error_code(error) in _PASSING:
            message = f"{service} is too busy; try again"
            raise Unavailable(message) from error
        raise
    except (ConnectionError, HTTPClientError) as error:
        message = f"{service} does not answer; try again"
        raise Unavailable(message) from error
