"""The local cloud's API Gateway answers by itself as the document of the API says."""

import json
from typing import Any

import pytest

from tests.support.restarts import BARE, SOON_SECONDS, Restartable
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.timeout(180), pytest.mark.stack]

TOLD = {
    "statusCode": "418",
    "responseParameters": {"gatewayresponse.header.Retry-After": "'1'"},
    "responseTemplates": {"application/json": '{"detail": $context.error.messageString}'},
}
DOCUMENT = {
    "openapi": "3.0.1",
    "info": {"title": "things", "version": "1"},
    "paths": {},
    "x-amazon-apigateway-gateway-responses": {"THROTTLED": TOLD},
}


def _answer(cloud: Restartable) -> dict[str, Any]:
    """Return what is answered to whoever is throttled, by an API that is made of the document."""
    stacks = cloud.client("cloudformation")
    api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "things", "Body": DOCUMENT}}
    stacks.create_stack(StackName="things", TemplateBody=json.dumps({"Resources": {"Api": api}}))

    def made() -> str | None:
        resource = stacks.describe_stack_resources(StackName="things")["StackResources"]
        return resource[0]["PhysicalResourceId"] if resource else None

    api_id = wait_for(made, what="the API", seconds=SOON_SECONDS)
    found: dict[str, Any] = cloud.client("apigateway").get_gateway_response(restApiId=api_id, responseType="THROTTLED")
    return found


def test_an_answer_of_the_document_is_read(cloud: Restartable) -> None:
    cloud.start()
    assert TOLD.items() <= _answer(cloud).items()


def test_bare_emulator_still_needs_the_patch(cloud: Restartable) -> None:
    cloud.start(BARE)
    assert _answer(cloud)["defaultResponse"], (
        "MiniStack reads them by itself now: localcloud/gateway_responses.py and its call in launcher.py can go."
    )
