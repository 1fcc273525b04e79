"""AWS's passing troubles are told from real faults by their code."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from edgeflow.adapters.aws_errors import error_code, unavailable
from edgeflow.domain.errors import Unavailable


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "m"}}, "Operation")


@pytest.mark.parametrize("code", ["ThrottlingException", "SlowDown", "TransactionConflictException"])
def test_throttling_is_told_as_something_to_try_again(code: str) -> None:
    with pytest.raises(Unavailable, match="S3 is too busy; try again"), unavailable("S3"):
        raise client_error(code)


@pytest.mark.parametrize("url", ["https://s3.test"])
def test_a_service_that_does_not_answer_is_tried_again(url: str) -> None:
    for error in (EndpointConnectionError(endpoint_url=url), ConnectTimeoutError(endpoint_url=url)):
        with pytest.raises(Unavailable, match="S3 does not answer"), unavailable("S3"):
            raise error


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException", "ResourceNotFoundException"])
def test_a_real_fault_passes_as_it_is(code: str) -> None:
    error = client_error(code)
    with pytest.raises(ClientError) as passed, unavailable("S3"):
        raise error
    assert passed.value is error


def test_an_error_without_a_code_has_an_empty_one() -> None:
    assert (error_code(client_error("X")), error_code(ClientError({}, "Operation"))) == ("X", "")
