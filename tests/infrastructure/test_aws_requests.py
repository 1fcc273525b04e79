"""Every request of a test is held to AWS's models: a call that AWS would refuse fails the test that makes it."""

from contextlib import suppress
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.support.aws import REGION
from tests.support.aws_requests import compiled

ROLE = "arn:aws:iam::123456789012:role/downloads"
JOB = {"jobId": "dep_1-w1", "targets": ["arn:aws:iot:us-east-1:123456789012:thing/dev_001"], "document": "{}"}


@pytest.mark.parametrize(
    ("request_of_a_job", "path"),
    [
        ({"jobId": "dep 1"}, "jobId is 'dep 1'"),
        ({"jobId": "d" * 65}, "jobId has 65"),
        ({"document": "x" * 32769}, "document has 32769"),
        ({"targetSelection": "SOMETIMES"}, "targetSelection is 'SOMETIMES'"),
        (
            {"presignedUrlConfig": {"roleArn": ROLE, "expiresInSec": 4000}},
            "presignedUrlConfig.expiresInSec has 4000",
        ),
        ({"tags": [{"Key": "k"}, {"Key": "k!"}]}, "tags[1].Key is 'k!'"),
        ({"documentParameters": {"a b": "c"}}, "documentParameters (key a b) is 'a b'"),
    ],
)
@mock_aws
def test_a_call_that_aws_would_refuse_is_found_with_its_parameters_path(
    refused_by_models: list[str], request_of_a_job: dict[str, Any], path: str
) -> None:
    client: Any = boto3.client("iot", region_name=REGION)
    client.create_thing(thingName="dev_001")
    client.create_job(**JOB)
    assert refused_by_models == []
    with suppress(client.exceptions.ClientError):  # moto knows some of the rules
        client.create_job(**{**JOB, **request_of_a_job})
    found, refused_by_models[:] = list(refused_by_models), []
    assert any(fault.startswith(f"iot.CreateJob: {path}") for fault in found), found


@mock_aws
def test_what_is_nested_in_itself_is_looked_at_all_the_way_down(refused_by_models: list[str]) -> None:
    client: Any = boto3.client("dynamodb", region_name=REGION)
    item: dict[str, Any] = {"M": {"x" * 65536: {"S": "deep"}}}
    with pytest.raises(client.exceptions.ClientError):
        client.put_item(TableName="none", Item={"pk": {"L": [item]}})
    found, refused_by_models[:] = list(refused_by_models), []
    assert [fault.rpartition(" has ")[2] for fault in found] == ["65536, of  to 65535"]


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        (r"[\p{Graph}\x20]*", "a b", "é"),
        (r"\p{ASCII}*", "a\tb", "é"),
        (r"[\p{L}\p{N}]+", "é1", "a b"),
        (r"[\w-_]*", "a-_", "é"),
        ("[\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF]*", "\U0001f600", "a"),
        ("^[a-z]+$", "abc", "abc\n"),
    ],
)
def test_patterns_mean_what_they_mean_in_java(pattern: str, matching: str, other: str) -> None:
    assert compiled(pattern).fullmatch(matching)
    assert not compiled(pattern).fullmatch(other)
