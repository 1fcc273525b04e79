"""A cloud inside the test's process, whose state machines are run by an interpreter that is not MiniStack's."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl

from tests.support.aws import FAKE_CREDENTIALS, REGION
from tests.support.functions import Functions
from tests.support.machines import Cloud


def spell_as_boto3_does(params: dict[str, object], **_: object) -> None:
    """Put a request's parameters under the names boto3 has for them."""
    for name in list(params):
        params[name[0].lower() + name[1:]] = params.pop(name)


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One session for all tests, since each reads the descriptions of the services anew."""
    session = boto3.Session(
        aws_access_key_id=FAKE_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=FAKE_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    # A machine writes StateMachineArn, Name and Input. moto hands them to boto3 as they are, which knows other names.
    session.events.register("provide-client-params.sfn.StartExecution", spell_as_boto3_does)
    return session


@pytest.fixture
def cloud(root: Path, session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """The cloud, without a machine yet; waits before further tries are noted down, not waited for."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    functions = Functions()
    backoffs: list[float] = []
    monkeypatch.setattr(LambdaSimpleBackend, "invoke", functions.invoke)
    monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=backoffs.append))
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}):
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)  # the interpreter's own clients come of this one, too
        cloud = Cloud(root / "statemachines", functions, backoffs)
        yield cloud
        assert cloud.running() == []  # it would live on in the next test's cloud
