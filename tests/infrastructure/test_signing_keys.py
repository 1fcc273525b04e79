"""Who may sign what: versions and orders have a key each, and each key one function."""

import json
from typing import Final

from tests.infrastructure.conftest import Template, listed

FUNCTION: Final = "AWS::Serverless::Function"
SIGNS: Final = {"ApiFlowsFunction": "ArtifactSigningKey", "DispatchWaveFunction": "OrderSigningKey"}


def test_each_signing_key_is_for_one_function_alone(template: Template) -> None:
    resources = {
        name: statement["Resource"]["Fn::If"][1:]
        for name, function in template.resources(FUNCTION).items()
        for policy in function["Policies"]
        for statement in policy["Statement"]
        if "kms:Sign" in listed(statement["Action"])
    }
    assert {name: json.dumps(resource) for name, resource in resources.items()} == {
        name: json.dumps([{"Fn::GetAtt": [key, "Arn"]}, {"Ref": f"{key}Arn"}]) for name, key in SIGNS.items()
    }


def test_only_who_signs_orders_creates_jobs(template: Template) -> None:
    functions = template.resources(FUNCTION)
    creates = {name for name, function in functions.items() if "iot:CreateJob" in json.dumps(function["Policies"])}
    assert creates == {"DispatchWaveFunction"}
    assert set(template.resources("AWS::KMS::Key")) == set(SIGNS.values())
