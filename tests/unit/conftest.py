"""Fixtures of the unit tests: moto in place of AWS, and a clock that stands still."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from edgeflow.adapters.table import Table
from tests.support.aws import BUCKET_NAME, FAKE_CREDENTIALS, TABLE_NAME, create_bucket, create_table
from tests.support.clock import FixedClock


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every AWS client made while this lives talks to moto."""
    for name, value in FAKE_CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def table(aws: None) -> Table:
    """The one table, empty."""
    client = boto3.client("dynamodb")
    create_table(client)
    return Table(client, TABLE_NAME)


@pytest.fixture
def bucket(aws: None) -> str:
    """The artifact bucket's name."""
    create_bucket(boto3.client("s3"))
    return BUCKET_NAME


@pytest.fixture
def signing_key(aws: None) -> str:
    """The ARN of a key that signs artifacts."""
    made = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return made["KeyMetadata"]["Arn"]


@pytest.fixture
def clock() -> FixedClock:
    """A clock the test sets."""
    return FixedClock()
