"""The stack of the proof's own on AWS: refused where one is there, deployed by the SAM CLI, torn down with its data."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from operations.errors import Refused
from operations.preflight.environment import Environment
from smoke import aws as module
from smoke.aws import AwsAccount
from tests.support.aws_stack import NAME, TABLE, Account, Seconds

REGION = "eu-central-1"


@pytest.fixture
def account(aws: None) -> Account:
    return Account()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the SAM CLI is asked, which does nothing."""
    asked: list[list[str]] = []

    def sam(arguments: list[str], *, config_env: str, environment: dict[str, str], **_: object) -> None:
        asked.append([*arguments, config_env, environment["AWS_DEFAULT_REGION"]])

    monkeypatch.setattr(module, "sam", sam)
    return asked


def owned(clients: Any, tmp_path: Path) -> AwsAccount:  # noqa: ANN401  clients, or what stands in for them
    environment = Environment(name="smoke", stack_name=NAME, region=None, parameters={})
    return AwsAccount(clients, environment, REGION, tmp_path / "dist" / "log", Seconds(), lambda _: None)


def test_a_stack_that_is_there_is_refused_before_anything_is_built(
    account: Account, asked: list[list[str]], tmp_path: Path
) -> None:
    with pytest.raises(Refused, match=f"There is a stack {NAME} already .*make teardown STACK={NAME} DATA=delete"):
        owned(account.clients, tmp_path).look()
    assert asked == []


def test_devices_of_what_is_deployed_connect_at_both_ports(asked: list[list[str]], tmp_path: Path) -> None:
    outputs = [{"OutputKey": "ApiUrl", "OutputValue": "https://x/api/v1"}]
    outputs += [{"OutputKey": "TokenUrl", "OutputValue": "https://x/token"}]
    answers = {
        "cloudformation": SimpleNamespace(describe_stacks=lambda **_: {"Stacks": [{"Outputs": outputs}]}),
        "sts": SimpleNamespace(get_caller_identity=lambda: {"Account": "123456789012"}),
        "iot": SimpleNamespace(describe_endpoint=lambda **_: {"endpointAddress": "x-ats.iot"}),
    }
    stack = owned(answers.__getitem__, tmp_path).deploy()
    assert asked == [["deploy", "smoke", REGION]]
    assert (stack.mqtt_host, stack.mqtt_ports, stack.ca_path) == ("x-ats.iot", (8883, 443), None)
    assert (stack.api_url, stack.token_url, stack.topic_rules) == (
        "https://x/api/v1",
        "https://x/token",
        "edgeflow_dev",
    )
    assert stack.client("sts") is answers["sts"]


def test_it_is_torn_down_with_its_data(account: Account, tmp_path: Path) -> None:
    account.device("dev_001")
    told = owned(account.clients, tmp_path).teardown()
    assert account.cloud_formation.status == "DELETE_COMPLETE"
    assert TABLE not in account.clients("dynamodb").list_tables()["TableNames"]
    assert told.startswith(("nothing is left", f"left with the tags of {NAME}"))
