"""Each state machine's role may do what its definition asks for, and nothing else.

The local cloud does not enforce these roles, so what a role needs is derived here: from each task's ``Resource`` and
the placeholder that names what it works on, by what Step Functions asks of a role for that integration.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.infrastructure.conftest import Template, listed

MACHINE: Final = "AWS::Serverless::StateMachine"
ROLE: Final = "AWS::IAM::Role"
Grant = tuple[str, str]
"""An action, and the resource as the template writes it, in JSON."""

NAMED_BY: Final = {
    "dynamodb:getItem": "TableName",
    "lambda:invoke": "FunctionName",
    "sqs:sendMessage.waitForTaskToken": "QueueUrl",
    "states:startExecution": "StateMachineArn",
    "states:startExecution.sync:2": "StateMachineArn",
}
"""Which parameter of a task names what it works on, by integration."""
AWAITED: Final = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
"""The rule by which Step Functions hears of the end of an execution that it waits for."""
LOGS: Final = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}
TRACES: Final = {
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
TO_DISPATCH: Final = ("sqs:SendMessage", json.dumps({"Fn::GetAtt": ["DispatchQueue", "Arn"]}))
OF_EARLIER_DEFINITIONS: Final = {
    "BlueGreenStateMachine": {TO_DISPATCH},
    "CanaryStateMachine": {TO_DISPATCH},
    "RollingStateMachine": {TO_DISPATCH},
    "RollbackStateMachine": {("lambda:InvokeFunction", json.dumps({"Fn::GetAtt": ["ConcludeRolloutFunction", "Arn"]}))},
}
"""What executions ask for that began with a definition of the release before, and goes with the next one."""


def written(resource: Any) -> str:  # noqa: ANN401  a template's value
    """Return a resource in one form: ``!GetAtt A.Arn`` can be read as a list or as a text."""
    match resource:
        case {"Fn::GetAtt": str(path)}:
            return json.dumps({"Fn::GetAtt": path.split(".")})
        case _:
            return json.dumps(resource)


def tasks(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  any part of a definition
    """Yield every task of a definition, also those inside parallel branches."""
    if isinstance(node, dict):
        if node.get("Type") == "Task":
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from tasks(inner)


def needed(machine: dict[str, Any], root: Path) -> set[Grant]:
    """Return what the role of a machine has to grant."""
    definition = json.loads((root / machine["DefinitionUri"]).read_text(encoding="utf-8"))
    grants = {(action, written("*")) for action in LOGS | TRACES}
    for task in tasks(definition):
        integration = task["Resource"].removeprefix("arn:aws:states:::")
        placeholder = task["Parameters"][NAMED_BY[integration]]
        grants |= asked(integration, machine["DefinitionSubstitutions"][placeholder.strip("${}")])
    return grants


def asked(integration: str, named: dict[str, Any]) -> set[Grant]:
    """Return what one kind of task asks of a role, for what the template substitutes."""
    of_arn = written({"Fn::GetAtt": [named["Ref"], "Arn"]}) if "Ref" in named else written(named)
    match integration:
        case "dynamodb:getItem":
            return {("dynamodb:GetItem", of_arn)}
        case "lambda:invoke":
            return {("lambda:InvokeFunction", of_arn)}
        case "sqs:sendMessage.waitForTaskToken":
            return {("sqs:SendMessage", of_arn)}
        case "states:startExecution":
            return {("states:StartExecution", written(named))}
        case "states:startExecution.sync:2":
            executions = of_account("states", f"execution:${{{named['Ref']}.Name}}:*")
            followed = {(f"states:{action}", executions) for action in ("DescribeExecution", "StopExecution")}
            heard = {
                (f"events:{action}", of_account("events", AWAITED))
                for action in ("DescribeRule", "PutRule", "PutTargets")
            }
            return {("states:StartExecution", written(named))} | followed | heard
        case _:
            message = f"say here what {integration} asks of a role"
            raise AssertionError(message)


def of_account(service: str, resource: str) -> str:
    """Return an ARN of this account and region, as the template writes it."""
    return written({"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"})


def granted(role: dict[str, Any]) -> list[Grant]:
    """Return what a role grants."""
    assert "ManagedPolicyArns" not in role
    statements = [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]
    assert all(statement["Effect"] == "Allow" and "Condition" not in statement for statement in statements)
    return [
        (action, written(resource))
        for statement in statements
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]


def role_of(template: Template, machine: dict[str, Any]) -> dict[str, Any]:
    """Return the role that a machine works with."""
    (name, attribute) = json.loads(written(machine["Role"]))["Fn::GetAtt"]
    assert attribute == "Arn"
    return template.resources(ROLE)[name]


def test_each_role_grants_what_its_definition_asks_for_and_no_more(template: Template, root: Path) -> None:
    machines = template.resources(MACHINE)
    assert len(machines) > 1
    for name, machine in machines.items():
        grants = granted(role_of(template, machine))
        assert len(grants) == len(set(grants)), name
        assert set(grants) == needed(machine, root) | OF_EARLIER_DEFINITIONS.get(name, set()), name


def test_every_machine_has_a_role_of_its_own_that_only_the_machines_of_the_stack_get(template: Template) -> None:
    machines = template.resources(MACHINE)
    roles = [json.loads(written(machine["Role"]))["Fn::GetAtt"][0] for machine in machines.values()]
    assert len(set(roles)) == len(machines)
    names = {json.loads(written(machine["Name"]))["Fn::Sub"] for machine in machines.values()}
    for name in roles:
        (trust,) = template.resources(ROLE)[name]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "states.amazonaws.com"}, name
        assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}, name
        sources = {written(source) for source in trust["Condition"]["ArnLike"]["aws:SourceArn"]}
        assert sources == {of_account("states", f"stateMachine:{machine}") for machine in names}, name


def test_no_log_of_a_machine_has_what_it_sends_for_that_has_task_tokens(template: Template) -> None:
    for name, machine in template.resources(MACHINE).items():
        assert machine["Logging"]["IncludeExecutionData"] is False, name
