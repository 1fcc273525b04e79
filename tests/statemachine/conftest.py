"""A cloud inside the test's process, whose state machines are run by an interpreter that is not MiniStack's."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.stepfunctions.parser import models
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.backend import execution_worker

from tests.support.aws import FAKE_CREDENTIALS, REGION
from tests.support.functions import Functions
from tests.support.machines import Cloud

LOOKS_EVERY_SECONDS: Final = 0.02
"""How often the interpreter looks whether an execution that another one waits for has ended."""


def spell_as_boto3_does(params: dict[str, object], **_: object) -> None:
    """Put a request's parameters under the names boto3 has for them."""
    for name in list(params):
        params[name[0].lower() + name[1:]] = params.pop(name)


def spell_as_machines_do(parsed: dict[str, object], **_: object) -> None:
    """Put an answer's members under the names that a machine knows as well."""
    for name in list(parsed):
        parsed.setdefault(name[0].upper() + name[1:], parsed[name])


def answering_as_machines_read(resolver: Callable[..., Callable[[], Any] | None]) -> Callable[..., Callable[[], Any]]:
    """Have moto's wait for another execution answer under the names that AWS has: Output, not output."""

    def resolver_of(*args: object, **facts: object) -> Callable[[], Any]:
        ended = resolver(*args, **facts)

        def answer() -> dict[str, object] | None:
            execution = ended() if ended is not None else None
            return execution and {name[0].upper() + name[1:]: value for name, value in execution.items()}

        return answer

    return resolver_of


@pytest.fixture(scope="session", autouse=True)
def _texts_are_read_once() -> Iterator[None]:
    """Let the interpreter keep the tree of each text that it has read: reading one costs more than an execution does.

    The tree is only looked at. What carries out an execution is made of the tree anew for each.
    """
    read = lru_cache(maxsize=64)(AmazonStateLanguageParser.parse)

    def made_anew(definition: str) -> tuple[EvalComponent, Any]:
        _, tree = read(definition)
        return Preprocessor().visit(tree), tree

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "AmazonStateLanguageParser", SimpleNamespace(parse=read))
        patch.setattr(execution_worker, "AmazonStateLanguageParser", SimpleNamespace(parse=made_anew))
        yield


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One session for all tests, since each reads the descriptions of the services anew."""
    session = boto3.Session(
        aws_access_key_id=FAKE_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=FAKE_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    # A machine writes StateMachineArn, Name and Input, and reads ExecutionArn and Output. boto3 knows other names.
    session.events.register("provide-client-params.sfn.StartExecution", spell_as_boto3_does)
    session.events.register("after-call.sfn.*", spell_as_machines_do)
    return session


@pytest.fixture
def cloud(root: Path, session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """The cloud, without a machine yet; waits before further tries are noted down, not waited for."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    functions = Functions()
    backoffs: list[float] = []
    monkeypatch.setattr(LambdaSimpleBackend, "invoke", functions.invoke)
    monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=backoffs.append))
    monkeypatch.setattr(state_task_service_callback, "_DELAY_SECONDS_SYNC_CONDITION_CHECK", LOOKS_EVERY_SECONDS)
    waits = answering_as_machines_read(StateTaskServiceSfn._build_sync2_resolver)  # noqa: SLF001  moto offers no other way
    monkeypatch.setattr(StateTaskServiceSfn, "_build_sync2_resolver", waits)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}):
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)  # the interpreter's own clients come of this one, too
        cloud = Cloud(root / "statemachines", functions, backoffs)
        yield cloud
        assert cloud.running() == []  # it would live on in the next test's cloud
