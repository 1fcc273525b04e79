"""Rules that every resource of template.yaml keeps, also those that are added later."""

import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from edgeflow.adapters import keys, readable
from edgeflow.adapters.deployments.deployment_items import MARK
from edgeflow.adapters.devices import fleet_index
from edgeflow.adapters.rollout.target_items import PLACES
from edgeflow.adapters.table import BY_DEVICE, BY_FLEET, BY_LIST, BY_UNFINISHED
from edgeflow.contract.report import HealthReport, health_topic
from edgeflow.domain.ids import new_deployment_id
from tests.infrastructure.conftest import Template, listed, target

FUNCTION = "AWS::Serverless::Function"
MACHINE = "AWS::Serverless::StateMachine"
QUEUE = "AWS::SQS::Queue"
ALARM = "AWS::CloudWatch::Alarm"
AT = datetime(2026, 11, 29, tzinfo=UTC)
NEW_ACCOUNT = 10
"""So many functions of a new account may run at once."""
SCOPES = {"edgeflow/read", "edgeflow/flows", "edgeflow/deploy"}


def queue_events(function: Any) -> list[Any]:  # noqa: ANN401  a function's properties
    """Return what invokes a function from a queue."""
    return [event for event in function.get("Events", {}).values() if event["Type"] == "SQS"]


def dead_letter_queues(template: Template) -> set[str]:
    queues = template.resources(QUEUE).values()
    redriven = {target(queue["RedrivePolicy"]["deadLetterTargetArn"]) for queue in queues if "RedrivePolicy" in queue}
    streams = template.events("DynamoDB").values()
    return redriven | {target(stream["DestinationConfig"]["OnFailure"]["Destination"]) for stream in streams}


def test_every_placeholder_of_a_machine_has_a_substitution_and_back(template: Template, root: Path) -> None:
    machines = template.resources(MACHINE)
    assert machines
    for name, machine in machines.items():
        definition = (root / machine["DefinitionUri"]).read_text(encoding="utf-8")
        assert set(re.findall(r"\$\{(\w+)\}", definition)) == set(machine["DefinitionSubstitutions"]), name


def test_every_machine_file_is_deployed(template: Template, root: Path) -> None:
    deployed = {root / machine["DefinitionUri"] for machine in template.resources(MACHINE).values()}
    assert deployed == set((root / "statemachines").glob("*.asl.json"))


def test_every_machine_logs_and_is_traced(template: Template) -> None:
    for name, machine in template.resources(MACHINE).items():
        assert machine["Logging"]["Level"] == "ALL", name
        assert machine["Tracing"]["Enabled"] is True, name


def test_every_queue_has_a_dead_letter_queue_or_is_one(template: Template) -> None:
    dead = dead_letter_queues(template)
    for name, queue in template.resources(QUEUE).items():
        assert ("RedrivePolicy" in queue) != (name in dead), name


def test_every_dead_letter_queue_has_an_alarm(template: Template) -> None:
    alarms = template.resources(ALARM).values()
    watched = {
        target(dimension["Value"])
        for alarm in alarms
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    }
    assert watched == dead_letter_queues(template)


def test_what_cannot_be_read_rings(template: Template) -> None:
    (alarm,) = [alarm for alarm in template.resources(ALARM).values() if alarm["MetricName"] == readable.METRIC]
    assert (alarm["Namespace"], alarm["Threshold"]) == (readable.NAMESPACE, 0)
    assert alarm["Dimensions"] == [{"Name": "service", "Value": readable.SERVICE}]


SHARED: Final = {"DeployWaveStateMachine", "HandleBreachStateMachine"}
"""A failed execution of these fails the one that has started it, which rings."""


def test_every_machine_that_starts_on_its_own_has_an_alarm_on_failed_executions(template: Template) -> None:
    alarms = template.resources(ALARM).values()
    watched = {
        target(dimension["Value"])
        for alarm in alarms
        if alarm["MetricName"] == "ExecutionsFailed"
        for dimension in alarm["Dimensions"]
    }
    assert watched == set(template.resources(MACHINE)) - SHARED


def test_messages_stay_hidden_for_six_timeouts_and_the_window(template: Template) -> None:
    functions = template.resources(FUNCTION)
    for (function, _), source in template.events("SQS").items():
        queue = template.resources(QUEUE)[target(source["Queue"])]
        window = source.get("MaximumBatchingWindowInSeconds", 0)
        assert queue["VisibilityTimeout"] >= 6 * functions[function]["Timeout"] + window, function
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"], function


def test_a_function_that_feeds_its_own_queue_may_do_so_for_as_long_as_it_takes(template: Template) -> None:
    # AWS Lambda ends such a loop after 16 rounds, and what is sent then is lost.
    feeding = set()
    for name, function in template.resources(FUNCTION).items():
        reads = {target(event["Properties"]["Queue"]) for event in queue_events(function)}
        for policy in function.get("Policies", []):
            for statement in policy["Statement"]:
                if "sqs:SendMessage" in statement["Action"] and target(statement["Resource"]) in reads:
                    assert function["RecursiveLoop"] == "Allow", name
                    feeding.add(name)
    assert feeding == {"DispatchWaveFunction", "IngestReportsFunction"}


def test_no_queue_takes_all_the_concurrency_of_an_account(template: Template) -> None:
    events = [event for function in template.resources(FUNCTION).values() for event in queue_events(function)]
    assert sum(event["Properties"]["ScalingConfig"]["MaximumConcurrency"] for event in events) < NEW_ACCOUNT


def test_every_queue_and_stream_has_an_alarm_on_what_waits_too_long(template: Template) -> None:
    late = {
        (alarm["MetricName"], target(dimension["Value"]))
        for alarm in template.resources(ALARM).values()
        if alarm["MetricName"] in {"ApproximateAgeOfOldestMessage", "IteratorAge"}
        for dimension in alarm["Dimensions"]
    }
    queues = {("ApproximateAgeOfOldestMessage", target(source["Queue"])) for source in template.events("SQS").values()}
    assert late == queues | {("IteratorAge", function) for function, _ in template.events("DynamoDB")}


def test_every_function_behind_a_stream_may_set_records_aside(template: Template) -> None:
    for (function, _), stream in template.events("DynamoDB").items():
        variables = template.resources(FUNCTION)[function]["Environment"]["Variables"]
        aside = target(variables["DEAD_LETTER_QUEUE_URL"])
        assert aside == target(stream["DestinationConfig"]["OnFailure"]["Destination"]), function


def test_every_rule_tells_of_what_it_cannot_deliver(template: Template) -> None:
    for name, rule in template.resources("AWS::IoT::TopicRule").items():
        undelivered = rule["TopicRulePayload"]["ErrorAction"]["Sqs"]["QueueUrl"]
        assert target(undelivered) in dead_letter_queues(template), name


def test_what_a_device_writes_cannot_replace_what_a_rule_adds(template: Template) -> None:
    statements = [rule["TopicRulePayload"]["Sql"] for rule in template.resources("AWS::IoT::TopicRule").values()]
    of_devices = [sql for sql in statements if "FROM '$aws/events/" not in sql]  # what comes there only AWS can write
    assert len(of_devices) == 2
    of_rule = ["'health' AS kind", "topic(1) AS device_id", "timestamp() AS received_at"]
    for sql in of_devices:
        chosen = [field.strip() for field in sql.removeprefix("SELECT ").split(",")]
        assert chosen == [field.alias or name for name, field in HealthReport.model_fields.items()] + of_rule


def test_devices_publish_to_the_rules_that_the_agent_names(template: Template) -> None:
    rules = template.resources("AWS::IoT::TopicRule")
    named = {name: rule["RuleName"]["Fn::Sub"][0] for name, rule in rules.items() if "RuleName" in rule}
    topics = {health_topic("d", "${Rules}", resting=resting) for resting in (False, True)}
    assert {f"$aws/rules/{name}/d" for name in named.values()} == topics
    assert set(named) == {"HealthRule", "RestingRule"}


def test_no_star_resource_without_a_reason(template: Template) -> None:
    star = re.compile(r"""Resource:.*["']\*["']|^\s+- ["']\*["']""")
    stars = [line for line in template.text.splitlines() if star.search(line)]
    assert stars
    assert [line for line in stars if "# reason: " not in line] == []


def test_no_function_that_writes_to_the_table_may_change_a_history(template: Template) -> None:
    changes = {"dynamodb:DeleteItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLUpdate"}
    prefix = keys.history_partition("")
    writers = []
    for name, function in template.resources(FUNCTION).items():
        statements = [
            statement
            for policy in function.get("Policies", [])
            if isinstance(policy, dict)
            for statement in policy["Statement"]
        ]
        allowed = {
            action
            for statement in statements
            if statement["Effect"] == "Allow"
            for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        }
        assert not allowed & {"dynamodb:*", "dynamodb:BatchWriteItem", "dynamodb:PartiQLUpdate"}, name
        if allowed & changes:
            writers.append(name)
            (denied,) = [statement for statement in statements if statement["Effect"] == "Deny"]
            assert set(denied["Action"]) == {"dynamodb:DeleteItem", "dynamodb:UpdateItem"}, name
            assert denied["Condition"] == {
                "ForAnyValue:StringLike": {"dynamodb:LeadingKeys": f"{prefix}*"},
                "Null": {"dynamodb:EnclosingOperation": "true"},
            }, name
    assert len(writers) > 1


def test_every_route_has_one_scope_but_those_that_tell_of_the_api_alone(template: Template) -> None:
    routes = template.events("Api")
    public = {route["Path"] for route in routes.values() if route["Auth"] == {"Authorizer": "NONE"}}
    assert public == {"/v1/docs", "/v1/openapi.json"}
    for name, route in routes.items():
        if route["Path"] in public:
            continue
        (scope,) = route["Auth"]["AuthorizationScopes"]
        assert scope in SCOPES, name
        assert route["Auth"]["Authorizer"] == "Operators", name
        assert (scope == "edgeflow/read") == (route["Method"] == "any"), name


def test_every_function_keeps_its_logs_for_a_set_time(template: Template) -> None:
    groups = template.resources("AWS::Logs::LogGroup")
    for name, function in template.resources(FUNCTION).items():
        assert "RetentionInDays" in groups[target(function["LoggingConfig"]["LogGroup"])], name


def test_no_log_group_has_a_name_that_an_earlier_stack_could_have_left_behind(template: Template) -> None:
    for name, group in template.resources("AWS::Logs::LogGroup").items():
        assert "LogGroupName" not in group or "AWS::StackId" in json.dumps(group["LogGroupName"]), name


def test_every_environment_tags_what_it_deploys(root: Path) -> None:
    environments = tomllib.loads((root / "samconfig.toml").read_text(encoding="utf-8"))
    del environments["version"]
    for name, commands in environments.items():
        stack = commands["global"]["parameters"]["stack_name"]
        assert commands["deploy"]["parameters"]["tags"] == ["application=edgeflow", f"stack={stack}"], name


def test_production_is_protected_against_deletion(template: Template, root: Path) -> None:
    prod = tomllib.loads((root / "samconfig.toml").read_text(encoding="utf-8"))["prod"]
    assert "Protected=true" in prod["deploy"]["parameters"]["parameter_overrides"]
    assert template.body["Conditions"]["IsProtected"] == {"Fn::Equals": [{"Ref": "Protected"}, "true"]}
    for table in template.resources("AWS::DynamoDB::Table").values():
        assert table["DeletionProtectionEnabled"] == {"Fn::If": ["IsProtected", True, False]}
    for pool in template.resources("AWS::Cognito::UserPool").values():
        assert pool["DeletionProtection"] == {"Fn::If": ["IsProtected", "ACTIVE", "INACTIVE"]}


def test_no_stack_has_a_name_that_cognito_refuses(template: Template) -> None:
    # Cognito takes small letters, digits and hyphens, and neither "aws" nor "cognito"; the id has hexadecimal digits.
    (domain,) = template.resources("AWS::Cognito::UserPoolDomain").values()
    sub, values = domain["Domain"]["Fn::Sub"]
    assert sub == "edgeflow-${Id}"
    assert values == {"Id": {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}}


def test_what_holds_data_outlives_the_stack_but_not_its_failed_creation(template: Template) -> None:
    for name, resource in template.body["Resources"].items():
        if name == "ConsoleBucket":  # all in it is built from the source, and comes back with the stack
            continue
        if resource["Type"] in {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"}:
            policies = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
            assert policies == ("RetainExceptOnCreate", "Retain"), name


@pytest.mark.parametrize("environment", ["local", "dev", "smoke", "prod"])
def test_every_environment_sets_parameters_that_exist(template: Template, root: Path, environment: str) -> None:
    settings = tomllib.loads((root / "samconfig.toml").read_text(encoding="utf-8"))
    overrides = settings[environment]["deploy"]["parameters"]["parameter_overrides"]
    assert {override.partition("=")[0] for override in overrides} <= set(template.body["Parameters"])


def test_the_layer_pins_what_the_tests_run_with(root: Path) -> None:
    lines = (root / "layers/edgeflow/requirements.in").read_text(encoding="utf-8").splitlines()
    pins = {line.partition("==")[0]: line.partition("==")[2] for line in lines if line and not line.startswith("#")}
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["cloud"]]
    for requirement in wanted:
        name, _, version = requirement.partition("==")
        package = name.partition("[")[0]
        assert package == "boto3" or pins[package] == version, package


MAX_IOT_POLICY: Final = 2_048
"""AWS IoT Core: characters of a policy document, without white space."""
LONGEST: Final = {
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-1",
    "AWS::AccountId": "123456789012",
    "AWS::StackName": "x" * 36,  # the provisioning template has the stack's name
    "HealthRule": "x" * 36 + "_health",
    "RestingRule": "x" * 36 + "_resting",
}


def resolved(value: Any) -> Any:  # noqa: ANN401  a template's value
    """Write every ``Sub`` of pseudo parameters out, with the longest values that they can have."""
    match value:
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{(!?)([^}]+)\}", lambda found: _value(found[1], found[2]), text)
        case dict():
            return {name: resolved(inner) for name, inner in value.items()}
        case list():
            return [resolved(inner) for inner in value]
        case _:
            return value


def _value(literal: str, name: str) -> str:
    return "${" + name + "}" if literal else LONGEST[name]


def test_no_iot_policy_is_too_long(template: Template) -> None:
    policies = template.resources("AWS::IoT::Policy")
    assert policies
    for name, policy in policies.items():
        document = json.dumps(resolved(policy["PolicyDocument"]), separators=(",", ":"))
        assert len(document) <= MAX_IOT_POLICY, name


def test_the_index_of_the_fleet_holds_what_is_looked_at_there(template: Template) -> None:
    (table,) = template.resources("AWS::DynamoDB::Table").values()
    indexes = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}
    assert indexes[BY_FLEET]["Projection"] == {
        "ProjectionType": "INCLUDE",
        "NonKeyAttributes": list(fleet_index.PROJECTED),
    }
    assert indexes[BY_FLEET]["KeySchema"] == indexes[BY_LIST]["KeySchema"]


def test_every_role_that_a_service_assumes_says_for_whom(template: Template) -> None:
    roles = template.resources("AWS::IAM::Role")
    del roles["GatewayLogsRole"]  # API Gateway is not said to tell for whom it assumes it
    assert roles
    for name, role in roles.items():
        for trust in role["AssumeRolePolicyDocument"]["Statement"]:
            assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}, name
            assert "${AWS::Region}:${AWS::AccountId}:" in json.dumps(trust["Condition"]["ArnLike"]["aws:SourceArn"]), (
                name
            )


def test_what_functions_may_do_to_state_machines_names_those_of_the_stack(template: Template) -> None:
    names = {machine["Name"]["Fn::Sub"] for machine in template.resources(MACHINE).values()}
    account = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}"
    known = {f"{account}:stateMachine:{name}" for name in names} | {f"{account}:execution:{name}:*" for name in names}
    found = set()
    for name, function in template.resources(FUNCTION).items():
        for policy in function.get("Policies", []):
            for statement in policy["Statement"]:
                actions = listed(statement["Action"])
                if actions == ["states:SendTaskSuccess"] or not actions[0].startswith("states:"):
                    continue
                resources = (
                    statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
                )
                arns = {resource["Fn::Sub"] for resource in resources}
                assert arns <= known, name
                found |= arns
    # No function starts what machines start of each other, but each can be stopped.
    assert known - found == {
        f"{account}:stateMachine:${{AWS::StackName}}-{name}" for name in ("deploy-wave", "handle-breach")
    }


def test_what_functions_may_do_to_jobs_is_bounded_to_those_of_the_stack(template: Template) -> None:
    functions = template.resources(FUNCTION)
    mark = functions["ApiDeploymentsFunction"]["Environment"]["Variables"]["STACK_MARK"]
    stack_id = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}
    assert mark == {"Fn::Select": [0, {"Fn::Split": ["-", stack_id]}]}
    begin = new_deployment_id(AT, "${Mark}").partition("}")[0] + "}*"
    jobs = f"arn:${{AWS::Partition}}:iot:${{AWS::Region}}:${{AWS::AccountId}}:job/{begin}"
    of_jobs = [
        [resource for resource in listed(statement["Resource"]) if ":job/" in json.dumps(resource)]
        for function in functions.values()
        for policy in function.get("Policies", [])
        for statement in policy["Statement"]
        if any("Job" in action for action in listed(statement["Action"]))
    ]
    assert len(of_jobs) > 1
    assert all(found == [{"Fn::Sub": [jobs, {"Mark": mark}]}] for found in of_jobs)


@pytest.mark.parametrize(("name", "keys"), [(BY_UNFINISHED, [MARK, "pk"]), (BY_DEVICE, list(PLACES[1:]))])
def test_an_index_of_few_records_holds_their_keys_alone(template: Template, name: str, keys: list[str]) -> None:
    (table,) = template.resources("AWS::DynamoDB::Table").values()
    (index,) = [index for index in table["GlobalSecondaryIndexes"] if index["IndexName"] == name]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert [part["AttributeName"] for part in index["KeySchema"]] == keys
