"""The console's bucket gets what was built, with what it needs to know of the stack; and is emptied with its stack."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from deploy_console.app import ANEW, FOR_EVER, PACKAGE, PHYSICAL_ID, handler
from tests.support.cloudformation import CloudFormation, Context, listening

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

BUCKET = "console"
CONFIG = {"api_url": "https://console.test/api", "client_id": "abc"}
PROPERTIES = {"Bucket": BUCKET, "Config": CONFIG, "Files": "arn:aws:lambda:us-east-1:123456789012:layer:console:1"}


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    with listening() as taker:
        yield taker


@pytest.fixture
def s3(aws: None) -> "S3Client":
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture(autouse=True)
def nothing_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test looks for the files anew, as a function does after its layer has changed."""
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The layer's ``python/console_files``, with a build in it."""
    files = tmp_path / "console_files"
    (files / "assets").mkdir(parents=True)
    (files / ".vite").mkdir()
    (files / ".vite" / "manifest.json").write_text("{}")
    (files / "index.html").write_text("<!doctype html>")
    (files / "assets" / "index-abc.js").write_text("1")
    (files / "assets" / "favicon-abc.svg").write_text("<svg/>")
    monkeypatch.syspath_prepend(tmp_path)
    return files


def _told(s3: "S3Client", name: str) -> tuple[str, str]:
    found = s3.head_object(Bucket=BUCKET, Key=name)
    return found["ContentType"], found["CacheControl"]


def _names(s3: "S3Client") -> list[str]:
    return [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_the_bucket_gets_every_file_and_the_configuration(
    cloudformation: CloudFormation,
    s3: "S3Client",
    built: Path,
    request_type: str,
) -> None:
    handler(cloudformation.event(request_type, ResourceProperties=PROPERTIES), Context())
    assert [(answer["Status"], answer["PhysicalResourceId"]) for answer in cloudformation.answers] == [
        ("SUCCESS", PHYSICAL_ID)
    ]
    assert _names(s3) == ["assets/favicon-abc.svg", "assets/index-abc.js", "config.json", "index.html"]
    assert json.loads(s3.get_object(Bucket=BUCKET, Key="config.json")["Body"].read()) == CONFIG
    assert _told(s3, "index.html") == ("text/html", ANEW)
    assert _told(s3, "config.json") == ("application/json", ANEW)
    assert _told(s3, "assets/index-abc.js") == ("text/javascript", FOR_EVER)
    assert _told(s3, "assets/favicon-abc.svg") == ("image/svg+xml", FOR_EVER)


def test_files_of_the_build_before_stay_for_pages_that_are_open(
    cloudformation: CloudFormation,
    s3: "S3Client",
    built: Path,
) -> None:
    handler(cloudformation.event("Create", ResourceProperties=PROPERTIES), Context())
    (built / "assets" / "index-abc.js").rename(built / "assets" / "index-def.js")
    handler(cloudformation.event("Update", ResourceProperties=PROPERTIES), Context())
    assert {"assets/index-abc.js", "assets/index-def.js"} <= set(_names(s3))


def test_a_console_that_was_not_built_fails_with_what_to_do(cloudformation: CloudFormation, s3: "S3Client") -> None:
    handler(cloudformation.event("Create", ResourceProperties=PROPERTIES), Context())
    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert "run `make console` before `sam build`, or deploy with Console=false" in answer["Reason"]
    assert _names(s3) == []


def test_the_bucket_is_emptied_with_its_stack(cloudformation: CloudFormation, s3: "S3Client", built: Path) -> None:
    handler(cloudformation.event("Create", ResourceProperties=PROPERTIES), Context())
    handler(cloudformation.event("Delete", PhysicalResourceId="given", ResourceProperties=PROPERTIES), Context())
    assert [answer["Status"] for answer in cloudformation.answers] == ["SUCCESS", "SUCCESS"]
    assert _names(s3) == []


def test_a_bucket_that_cannot_be_filled_is_told(cloudformation: CloudFormation, aws: None, built: Path) -> None:
    handler(cloudformation.event("Create", ResourceProperties=PROPERTIES), Context())
    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert "NoSuchBucket" in answer["Reason"]
    assert Context.log_stream_name in answer["Reason"]
