"""The functions behind the REST API and its stage: who may do what, and what is logged."""

import json
import re
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
