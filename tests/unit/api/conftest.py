"""The API over moto, with nothing left from the test before."""

from collections.abc import Iterator

import boto3
import pytest

from api import idempotency
from edgeflow import bootstrap, bootstrap_api
from edgeflow.adapters.table import Table
from tests.support.aws import TABLE_NAME
from tests.support.rest import Rest

POLICY_NAME = "edgeflow-device"


def _forget() -> None:
    for module in (bootstrap, bootstrap_api, idempotency):
        for made in vars(module).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()


@pytest.fixture
def rest(table: Table, bucket: str, signing_key: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rest]:
    """A client of the API."""
    environment = {
        "TABLE_NAME": TABLE_NAME,
        "ARTIFACT_BUCKET": bucket,
        "DEVICE_POLICY_NAME": POLICY_NAME,
        "ARTIFACT_SIGNING_KEY": signing_key,
        "PROVISIONING_TEMPLATE": "edgeflow",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    boto3.client("iot").create_policy(policyName=POLICY_NAME, policyDocument="{}")
    _forget()
    yield Rest()
    _forget()
