"""Which errors of which service are tried again, and how often: each block stands here once."""

from typing import Any, Final

Retry = list[dict[str, Any]]


def again(
    comment: str, errors: list[str], *, first: int = 2, tries: int, rate: int = 2, longest: int | None = 60
) -> dict[str, Any]:
    """Return a retrier: after ``first`` seconds, then each time ``rate`` times later up to ``longest``, with jitter."""
    limit = {"MaxDelaySeconds": longest} if longest is not None else {}
    return {
        "Comment": comment,
        "ErrorEquals": errors,
        "IntervalSeconds": first,
        "MaxAttempts": tries,
        "BackoffRate": rate,
        **limit,
        "JitterStrategy": "FULL",
    }


_LAMBDA: Final = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Unavailable",
]
_STEP_FUNCTIONS: Final = [
    "StepFunctions.SdkClientException",
    "StepFunctions.AWSStepFunctionsException",
    "StepFunctions.ExecutionLimitExceededException",
    "StepFunctions.ThrottlingException",
]
_PASSES: Final = "AWS throttles or is down for a moment"


def _of_function(passing: dict[str, Any]) -> Retry:
    return [
        {
            "Comment": "Trying again would find the same",
            "ErrorEquals": ["NotFound", "Conflict", "InvalidRequest"],
            "MaxAttempts": 0,
        },
        passing,
        again(
            "Anything else, such as a worker that died: planning and concluding can be repeated",
            ["States.TaskFailed"],
            first=5,
            tries=2,
            rate=3,
            longest=None,
        ),
    ]


PLANNING: Final = _of_function(again(_PASSES, _LAMBDA, tries=6))
CONCLUDING_RETURN: Final = _of_function(again(_PASSES, _LAMBDA, tries=8))
CONCLUDING: Final = _of_function(
    again(
        "AWS throttles, is down for a moment, or has not ended all of what was cancelled",
        [*_LAMBDA, "StillCancelling"],
        tries=8,
    )
)
SENDING: Final = [
    again(
        "The message could not be sent; a wait that timed out is never tried again",
        [
            "SQS.SdkClientException",
            "SQS.AmazonSQSException",
            "SQS.SqsException",
            "SQS.RequestThrottledException",
            "SQS.KmsThrottledException",
        ],
        tries=5,
    )
]
STARTING: Final = [again(f"{_PASSES}; the name keeps a second try from starting it twice", _STEP_FUNCTIONS, tries=6)]
STARTING_ROLLBACK: Final = [
    again(
        f"{_PASSES}; the name keeps a second try from starting a second rollback",
        [*_STEP_FUNCTIONS, "States.Timeout"],
        tries=6,
    )
]
READING: Final = [
    again(
        f"{_PASSES}; reading again changes nothing",
        [
            "DynamoDB.SdkClientException",
            "DynamoDB.AmazonDynamoDBException",
            "DynamoDB.ProvisionedThroughputExceededException",
            "DynamoDB.RequestLimitExceededException",
            "DynamoDB.ThrottlingException",
            "DynamoDB.InternalServerErrorException",
            "States.Timeout",
        ],
        tries=6,
    )
]
