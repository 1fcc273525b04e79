"""The functions behind the REST API and its stage: who may do what, and what is logged."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Final

from edgeflow.adapters import keys
from tests.infrastructure.conftest import Template, listed, target

FUNCTION: Final = "AWS::Serverless::Function"
API: Final = {
    "ApiReadingFunction": {"dynamodb", "s3"},
    "ApiFlowsFunction": {"dynamodb", "kms", "s3"},
    "ApiDeploymentsFunction": {"dynamodb", "iot", "s3", "sqs", "states"},
    "ApiDevicesFunction": {"dynamodb", "iot"},
}
"""Which services each function of the API may ask."""
_OPEN: Final[tuple[object, ...]] = (None, [], [{"NONE": []}])


def test_each_function_of_the_api_may_do_its_own_work_alone(template: Template) -> None:
    functions = template.resources(FUNCTION)
    assert {name for name in functions if name.startswith("Api")} == set(API)
    actions = {
        name: {
            action
            for policy in functions[name]["Policies"]
            for statement in policy["Statement"]
            if statement["Effect"] == "Allow"
            for action in listed(statement["Action"])
        }
        for name in API
    }
    assert {name: {action.partition(":")[0] for action in allowed} for name, allowed in actions.items()} == API
    # What reads writes the count of the fleet, and who waits for a deployment, alone.
    writes = [
        statement
        for statement in functions["ApiReadingFunction"]["Policies"][0]["Statement"]
        if statement["Effect"] == "Allow"
        and not all(re.search(r":(BatchGet|Get|Query)", action) for action in listed(statement["Action"]))
    ]
    (keep,) = writes
    assert keep["Action"] == ["dynamodb:DeleteItem", "dynamodb:PutItem"]
    kept = [keys.FLEET_COUNT_KEY[0], keys.WAITING_PLACES]
    assert keep["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": kept}}
    # Who steers deployments ends jobs, and makes or changes neither things nor certificates.
    steers = {action for action in actions["ApiDeploymentsFunction"] if action.startswith("iot:")}
    assert not {
        action for action in steers if re.search(r"Thing\b(?<!DescribeThing)|Certificate|Policy|CreateJob", action)
    }
    # Who registers devices orders them nothing.
    assert not {action for action in actions["ApiDevicesFunction"] if "Job" in action}


def test_access_logs_tell_who_called_and_no_token(template: Template) -> None:
    (api,) = template.resources("AWS::Serverless::Api").values()
    setting = api["AccessLogSetting"]
    assert "RetentionInDays" in template.resources("AWS::Logs::LogGroup")[target(setting["DestinationArn"])]
    line = json.loads(setting["Format"])
    assert {"request_id", "client_id", "status", "latency_ms"} <= set(line)
    for name, variable in line.items():
        assert re.fullmatch(r"\$context\.[\w.]+", variable), name
        assert not re.search(r"authorization|header|token|override|principalId", variable, re.IGNORECASE), name


def test_api_gateway_can_write_logs_before_the_stage_is_made(template: Template) -> None:
    (account,) = template.resources("AWS::ApiGateway::Account").values()
    assert target(account["CloudWatchRoleArn"]) == "GatewayLogsRole"
    for name in ("GatewayLogsRole", "GatewayLogsAccount"):
        resource = template.body["Resources"][name]
        assert (resource["Condition"], resource["DeletionPolicy"]) == ("SetsLogsRole", "RetainExceptOnCreate"), name
    (api,) = template.resources("AWS::Serverless::Api").values()
    waits = api["Variables"]["LogsAccount"]
    assert waits == {"Fn::If": ["SetsLogsRole", {"Ref": "GatewayLogsAccount"}, "given"]}


def test_a_browser_is_answered_for_every_path_before_it_sends_a_token(root: Path) -> None:
    """By API Gateway alone, for the one origin, and where there is none without naming any."""
    done = subprocess.run(  # noqa: S603  a command of this repository
        [str(root / ".venv-sam" / "bin" / "python"), "tools/translate.py", "template.yaml"],
        cwd=root,
        env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    paths = json.loads(done.stdout)["Resources"]["Api"]["Properties"]["Body"]["paths"]
    assert len(paths) > 10
    for path, methods in paths.items():
        asked = methods["options"]
        assert "security" not in asked, path
        integration = asked["x-amazon-apigateway-integration"]
        assert integration["type"] == "mock", path
        headers = integration["responses"]["default"]["responseParameters"]
        named = {"Fn::If": ["HasCorsOrigin", {"Fn::Sub": "'${CorsOrigin}'"}, {"Ref": "AWS::NoValue"}]}
        assert headers["method.response.header.Access-Control-Allow-Origin"] == named, path
        open_to_all = {name for name, told in methods.items() if told.get("security") in _OPEN and name != "options"}
        assert open_to_all == ({"get", "head"} if path in {"/v1/docs", "/v1/openapi.json"} else set()), path


def test_what_api_gateway_refuses_can_be_read_by_the_origin_too(template: Template) -> None:
    (api,) = template.resources("AWS::Serverless::Api").values()
    for answer in api["GatewayResponses"].values():
        headers = answer["ResponseParameters"]["Headers"]
        assert headers["Access-Control-Allow-Origin"] == api["Cors"]["AllowOrigin"]


def test_who_is_throttled_is_told_when_to_try_again(template: Template) -> None:
    (api,) = template.resources("AWS::Serverless::Api").values()
    answers = api["GatewayResponses"]
    throttled, other = answers["THROTTLED"], answers["DEFAULT_4XX"]
    assert throttled["StatusCode"] == "429"
    assert throttled["ResponseTemplates"] == other["ResponseTemplates"]
    headers = throttled["ResponseParameters"]["Headers"]
    assert headers == {**other["ResponseParameters"]["Headers"], "Retry-After": "'1'"}
