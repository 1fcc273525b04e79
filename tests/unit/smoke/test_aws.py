"""The stack of the proof's own on AWS: refused where one is there, deployed by the SAM CLI, torn down with its data."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from operations.errors import Refused
from operations.preflight.environment import Environment
from smoke import aws as module
from smoke.aws import AwsAccount
from smoke.runner import NotAsExpected
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


def listing(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Let AWS list these by the stack's tags, one after the other and the last for ever."""
    left = [*answers]
    monkeypatch.setattr("operations.teardown.leftovers.tagged", lambda *_: left.pop(0) if len(left) > 1 else left[0])


def test_it_is_torn_down_with_its_data_and_a_key_that_waits_for_its_end_is_nothing_left(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.device("dev_001")
    key = account.clients("kms").list_keys()["Keys"][0]["KeyArn"]
    listing(monkeypatch, [key, f"arn:aws:sqs:{REGION}:123456789012:gone-a-moment-later"], [key])
    told = owned(account.clients, tmp_path).teardown()
    assert account.cloud_formation.status == "DELETE_COMPLETE"
    assert TABLE not in account.clients("dynamodb").list_tables()["TableNames"]
    assert account.clients("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert told.startswith("nothing is left")


@pytest.mark.parametrize("service", ["sqs", "kms"])
def test_what_is_left_fails_the_step_after_a_bounded_time(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    leftover = f"arn:aws:sqs:{REGION}:123456789012:stays"
    if service == "kms":
        leftover = account.clients("kms").create_key()["KeyMetadata"]["Arn"]
    listing(monkeypatch, [leftover])
    torn = owned(account.clients, tmp_path)
    with pytest.raises(NotAsExpected, match=f"left with the tags of {NAME} after .*{leftover}"):
        torn.teardown()
    assert isinstance(torn.clock, Seconds)
    assert module.LISTED_SECONDS / 2 < torn.clock.slept <= 2 * module.LISTED_SECONDS


def test_a_key_that_is_gone_altogether_is_nothing_left(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing(monkeypatch, [f"arn:aws:kms:{REGION}:123456789012:key/6f0c1c1e-0000-4000-8000-000000000000"])
    assert owned(account.clients, tmp_path).teardown().startswith("nothing is left")
