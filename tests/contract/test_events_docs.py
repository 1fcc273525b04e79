"""docs/events.md says what events are: its example is one, its table has every key, and its rules match events."""

import json
import re
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
from cfnlint.decode import decode_str

from edgeflow.contract.events import EVENT_SOURCE, MAX_REASON_LENGTH, STATUS_CHANGED, DeploymentStatusChanged
from edgeflow.domain.deployments import DeploymentStatus

KEYS = {field.alias or name for name, field in DeploymentStatusChanged.model_fields.items()}


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    """The page."""
    return (root / "docs" / "events.md").read_text(encoding="utf-8")


def block(page: str, language: str) -> str:
    """Return the only block of code in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
    return str(found)


def test_the_example_is_an_event(page: str) -> None:
    example = json.loads(block(page, "json"))
    assert (example["source"], example["detail-type"]) == (EVENT_SOURCE, STATUS_CHANGED)
    detail = example["detail"]
    assert DeploymentStatusChanged.model_validate(detail).model_dump(by_alias=True) == detail
    assert detail["id"] == f"{detail['deployment_id']}:{detail['sequence']}"
    assert example["resources"] == [detail["execution_arn"]]


def test_the_table_has_every_key(page: str) -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", page, re.MULTILINE)
    assert {key for row in rows for key in re.findall(r"\w+", row)} == KEYS
    assert f"{MAX_REASON_LENGTH:,} characters" in page


def test_both_rules_ask_for_the_same_statuses_of_ours(page: str) -> None:
    template, faults = decode_str("Resources:\n" + indent(block(page, "yaml"), "  "))
    assert not faults
    assert template is not None
    (pattern,) = [
        made["Properties"]["EventPattern"]
        for made in template["Resources"].values()
        if made["Type"] == "AWS::Events::Rule"
    ]
    (typed,) = re.findall(r"--event-pattern '(.*?)'", block(page, "sh"), re.DOTALL)
    assert json.loads(typed) == pattern
    assert (pattern["source"], pattern["detail-type"]) == ([EVENT_SOURCE], [STATUS_CHANGED])
    assert set(pattern["detail"]["status"]) <= set(DeploymentStatus)


def test_the_rule_s_targets_let_eventbridge_in(page: str) -> None:
    template, _ = decode_str("Resources:\n" + indent(block(page, "yaml"), "  "))
    assert template is not None
    resources: dict[str, dict[str, Any]] = template["Resources"]
    (rule,) = [made["Properties"] for made in resources.values() if made["Type"] == "AWS::Events::Rule"]
    open_to_rules = {
        resource
        for made in resources.values()
        if made["Type"] in {"AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"}
        for statement in made["Properties"]["PolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "events.amazonaws.com"}
        for resource in [json.dumps(statement["Resource"])]
    }
    assert open_to_rules == {json.dumps(target["Arn"]) for target in rule["Targets"]}
