"""The local cloud's APIs have the methods that take any other, as API Gateway reads them from a document."""

import json

import pytest

from tests.support.restarts import BARE, SOON_SECONDS, Restartable
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.timeout(180), pytest.mark.stack]

OPERATION = {"responses": {"200": {"description": "done"}}}
DOCUMENT = {
    "openapi": "3.0.1",
    "info": {"title": "things", "version": "1"},
    "paths": {"/things": {"post": OPERATION, "x-amazon-apigateway-any-method": OPERATION}},
}


def _methods(cloud: Restartable) -> set[str]:
    stacks = cloud.client("cloudformation")
    api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "things", "Body": DOCUMENT}}
    stacks.create_stack(StackName="things", TemplateBody=json.dumps({"Resources": {"Api": api}}))
    wait_for(lambda: _status(cloud) == "CREATE_COMPLETE" or None, what="the stack", seconds=SOON_SECONDS)
    api_id = stacks.describe_stack_resource(StackName="things", LogicalResourceId="Api")["StackResourceDetail"][
        "PhysicalResourceId"
    ]
    apis = cloud.client("apigateway")
    resources = apis.get_resources(restApiId=api_id, embed=["methods"])["items"]
    (things,) = [each for each in resources if each["path"] == "/things"]
    return set(things["resourceMethods"])


def _status(cloud: Restartable) -> str:
    (stack,) = cloud.client("cloudformation").describe_stacks(StackName="things")["Stacks"]
    return str(stack["StackStatus"])


def test_a_method_that_takes_any_other_is_read(cloud: Restartable) -> None:
    cloud.start()
    assert _methods(cloud) == {"ANY", "POST"}


def test_bare_emulator_still_needs_the_patch(cloud: Restartable) -> None:
    cloud.start(BARE)
    assert _methods(cloud) == {"POST"}, (
        "MiniStack reads such methods by itself now: "
        "delete localcloud/any_method.py, its call in localcloud/launcher.py, and this test."
    )
