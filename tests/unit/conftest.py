"""Fixtures of the unit tests: moto in place of AWS, and a clock that stands still."""

from collections.abc import Callable, Iterator
from functools import cache, wraps
from threading import RLock
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from edgeflow.adapters.table import Table
from tests.support.aws import BUCKET_NAME, FAKE_CREDENTIALS, TABLE_NAME, create_bucket, create_table
from tests.support.clock import FixedClock
from tests.support.dynamodb import little_is_copied, values_are_written_at_once
from tests.support.kms import digests_are_signed


@pytest.fixture(scope="session")
def _clients() -> Callable[..., Any]:
    """Make each AWS client once: it takes some 40 ms, and moto empties what is behind it, not the client."""
    return cache(boto3.client)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, _clients: Callable[..., Any]) -> Iterator[None]:
    """Every AWS client made while this lives talks to moto."""
    for name, value in FAKE_CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(boto3, "client", _clients)
    monkeypatch.setattr(BotocoreStubber, "process_request", _one_at_a_time(BotocoreStubber.process_request))
    with mock_aws(), digests_are_signed(), little_is_copied(), values_are_written_at_once():
        yield


def _one_at_a_time(process: Callable[..., Any]) -> Callable[..., Any]:
    """Give moto one request after the other: its lists break when one thread reads what another one changes."""
    turn = RLock()

    @wraps(process)
    def in_turn(*arguments: Any) -> Any:  # noqa: ANN401  whatever moto takes and answers
        with turn:
            return process(*arguments)

    return in_turn


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
    """The ARN of a key that signs versions, or orders."""
    made = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return made["KeyMetadata"]["Arn"]


@pytest.fixture
def clock() -> FixedClock:
    """A clock the test sets."""
    return FixedClock()
