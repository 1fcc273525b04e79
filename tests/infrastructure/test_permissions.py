"""The check of requests against roles finds what a role lacks, and nothing else."""

from typing import Any

import pytest
from botocore.session import Session

from edgeflow.adapters.keys import FLEET_COUNT_KEY
from tests.support.permissions import acting_as, refusals

KEY = {"pk": {"S": "DEP#dep_1"}, "sk": {"S": "DEPLOYMENT"}}
COUNT = {"pk": {"S": FLEET_COUNT_KEY[0]}, "sk": {"S": FLEET_COUNT_KEY[1]}}


def refused(function: str | None, service: str, operation: str, **parameters: Any) -> list[str]:  # noqa: ANN401
    asked = Session().get_service_model(service).operation_model(operation)
    with acting_as(function):
        return refusals(asked, parameters)


@pytest.mark.parametrize(
    ("function", "service", "operation", "parameters"),
    [
        ("ApiReadingFunction", "dynamodb", "Query", {"IndexName": "by_wave"}),
        ("ApiReadingFunction", "dynamodb", "PutItem", {"Item": COUNT}),
        ("ApiReadingFunction", "s3", "HeadObject", {}),
        ("ApiDeploymentsFunction", "dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": {"Item": KEY}}]}),
        ("ApiDeploymentsFunction", "stepfunctions", "StartExecution", {}),
        (None, "kms", "Sign", {}),
    ],
)
def test_what_a_role_allows_is_not_told(
    function: str | None, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    assert refused(function, service, operation, **parameters) == []


@pytest.mark.parametrize(
    ("function", "service", "operation", "parameters", "told"),
    [
        ("AllowProvisioningFunction", "dynamodb", "Query", {}, "dynamodb:Query"),
        ("ApiDevicesFunction", "dynamodb", "Query", {"IndexName": "by_wave"}, "dynamodb:Query on index by_wave"),
        ("ApiReadingFunction", "dynamodb", "PutItem", {"Item": KEY}, "dynamodb:PutItem of DEP#dep_1"),
        ("ApiReadingFunction", "kms", "Sign", {}, "kms:Sign"),
        (
            "AllowProvisioningFunction",
            "dynamodb",
            "TransactWriteItems",
            {"TransactItems": [{"Update": {"Key": KEY}}, {"Delete": {"Key": KEY}}]},
            "dynamodb:DeleteItem of DEP#dep_1",
        ),
    ],
)
def test_what_a_role_lacks_is_told(
    function: str, service: str, operation: str, parameters: dict[str, Any], told: str
) -> None:
    assert refused(function, service, operation, **parameters) == [f"{function} may not {told}"]
