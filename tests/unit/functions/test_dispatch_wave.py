"""The dispatch queue: a command that nobody can have meant fails alone, and rings; the others are carried out."""

import json
from datetime import timedelta
from types import ModuleType
from typing import Any, Final

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dispatch_wave.app import handler
from dispatch_wave.commands import COMMAND
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.deployments.dispatch_queue import SqsDispatchQueue
from edgeflow.adapters.table import Table
from edgeflow.bootstrap import deployments as deployments_of
from edgeflow.bootstrap import dispatch, rollout, services
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import StillCancelling, Unavailable
from tests.support.history import ENTRY
from tests.support.lambda_events import failed, queue_event
from tests.support.logs import logged
from tests.support.nonsense import BODIES, damaged
from tests.support.rest import FakeContext
from tests.unit.adapters.builders import DEP, a_deployment, put_flow

pytestmark = pytest.mark.slow

COMMANDS: Final[list[dict[str, Any]]] = [
    {"command": "deploy_wave", "deployment_id": "dep_gone", "task_token": "token", "wave": 1},
    {"command": "close_wave", "deployment_id": "dep_gone", "task_token": "token", "wave": 1, "cause": "timeout"},
    {"command": "await_resume", "deployment_id": "dep_gone", "task_token": "token", "reason": "breach"},
    {"command": "watch_waves", "deployment_id": "dep_gone", "task_token": "token"},
    {"command": "return_devices", "deployment_id": "dep_gone", "task_token": "token", "attempt": 1},
    {"command": "close_return", "deployment_id": "dep_gone", "task_token": "token", "attempt": 1},
    {"command": "wind_down", "deployment_id": "dep_gone"},
    {
        "command": "give_up",
        "deployment_id": "dep_gone",
        "device_id": "dev_001",
        "by": {"kind": "caller", "name": "me", "subject": None},
        "asked_at": "2026-02-21T12:00:00.000Z",
    },
]


CONTROL_ARN: Final = "arn:aws:sqs:us-east-1:123456789012:control"
DISPATCH_ARN: Final = "arn:aws:sqs:us-east-1:123456789012:dispatch"


@pytest.fixture
def deployments(table: Table, dead_letters: str) -> DeploymentStore:
    """One deployment at work."""
    put_flow(table)
    store = DeploymentStore(table)
    store.create(a_deployment(status=DeploymentStatus.RUNNING), entry=ENTRY)
    return store


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    written=st.lists(st.one_of(BODIES, *(damaged(command) for command in COMMANDS)), min_size=1, max_size=4),
    tokens=st.tuples(*(st.text("abcdef", min_size=1, max_size=2_048),) * 2),
)
def test_only_what_cannot_be_carried_out_fails(
    deployments: DeploymentStore, written: list[str | dict[str, Any]], tokens: tuple[str, str]
) -> None:
    first, last = ({"command": "watch_waves", "deployment_id": DEP, "task_token": token} for token in tokens)
    event = queue_event([first, *written, last])
    assert failed(handler(event, FakeContext())) == [str(position + 1) for position in range(len(written))]
    assert deployments.get(DEP).watch_token == tokens[1]


class Refusing:
    """Takes the place of an operation: whatever is asked of it, it fails."""

    def __init__(self, error: Exception) -> None:
        """Fail with this."""
        self._error = error

    def __call__(self, *_: object, **__: object) -> None:
        """Fail."""
        raise self._error

    def __getattr__(self, _: str) -> "Refusing":
        return self


@pytest.fixture
def throttled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have AWS IoT throttle whoever deploys or closes a wave."""
    for root, operation in ((dispatch, "dispatch_wave"), (rollout, "close_wave")):
        monkeypatch.setattr(root, operation, lambda: Refusing(Unavailable("AWS IoT throttles")))


@pytest.mark.parametrize(
    ("command", "operation"),
    [
        (COMMANDS[1], (rollout, "close_wave")),
        (COMMANDS[6], (rollout, "wind_down")),
        (COMMANDS[7], (deployments_of, "give_up_target")),
    ],
)
def test_an_order_that_has_to_wait_for_what_is_cancelled_comes_back_as_it_was(
    deployments: DeploymentStore,
    monkeypatch: pytest.MonkeyPatch,
    command: dict[str, Any],
    operation: tuple[ModuleType, str],
) -> None:
    del deployments

    monkeypatch.setattr(*operation, lambda: Refusing(StillCancelling("AWS IoT takes its time")))
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="dispatch")["QueueUrl"]
    monkeypatch.setattr(services, "dispatch_queue", lambda: SqsDispatchQueue(sqs, queue_url=queue))
    assert failed(handler(queue_event([command]), FakeContext())) == []
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessagesDelayed"])[
        "Attributes"
    ]
    assert found["ApproximateNumberOfMessagesDelayed"] == "1"
    SqsDispatchQueue(sqs, queue_url=queue).again(json.dumps(command), after=timedelta())
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert COMMAND.validate_json(message["Body"]) == COMMAND.validate_python(command)


@pytest.mark.parametrize(("deliveries", "seconds"), [(1, 10), (2, 20), (5, 160), (6, 300), (10, 300)])
@pytest.mark.usefixtures("throttled")
def test_an_order_that_aws_throttles_comes_again_soon_and_then_later(
    deployments: DeploymentStore, monkeypatch: pytest.MonkeyPatch, deliveries: int, seconds: int
) -> None:
    del deployments

    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="dispatch", Attributes={"VisibilityTimeout": "1080"})["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(COMMANDS[0]))
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    hidden: list[int] = []
    monkeypatch.setattr(
        sqs, "change_message_visibility", lambda **asked: hidden.append(asked["VisibilityTimeout"]), raising=True
    )
    come_by: list[str] = []

    def own(arn: str) -> SqsDispatchQueue:
        come_by.append(arn)
        return SqsDispatchQueue(sqs, queue_url=queue)

    monkeypatch.setattr(services, "queue_of_order", own)
    event = queue_event([COMMANDS[0]])
    event["Records"][0]["eventSourceARN"] = CONTROL_ARN
    event["Records"][0]["receiptHandle"] = message["ReceiptHandle"]
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = str(deliveries)
    assert failed(handler(event, FakeContext())) == ["0"]
    assert (come_by, hidden) == ([CONTROL_ARN], [seconds])


@pytest.mark.parametrize(("arn", "name"), [(CONTROL_ARN, "control"), (DISPATCH_ARN, "dispatch"), ("", "dispatch")])
def test_an_order_is_tried_again_in_the_queue_that_it_has_come_by(
    deployments: DeploymentStore, monkeypatch: pytest.MonkeyPatch, arn: str, name: str
) -> None:
    del deployments

    sqs = boto3.client("sqs")
    urls = {each: sqs.create_queue(QueueName=each)["QueueUrl"] for each in ("dispatch", "control")}
    monkeypatch.setenv("DISPATCH_QUEUE_URL", urls["dispatch"])
    monkeypatch.setenv("CONTROL_QUEUE_URL", urls["control"])
    services.queue_of_order(arn).again("order", after=timedelta())
    found = {each for each, url in urls.items() if "Messages" in sqs.receive_message(QueueUrl=url)}
    assert found == {name}


@pytest.mark.usefixtures("throttled")
def test_an_order_whose_receipt_is_no_longer_good_fails_all_the_same(
    deployments: DeploymentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    del deployments

    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="dispatch")["QueueUrl"]
    monkeypatch.setattr(services, "queue_of_order", lambda _: SqsDispatchQueue(sqs, queue_url=queue))
    assert failed(handler(queue_event([COMMANDS[0], COMMANDS[1]]), FakeContext())) == ["0", "1"]


@pytest.mark.parametrize(("sent", "since"), [("1771675200000", "2026-02-21T12:00:00.000Z"), ("nonsense", None)])
def test_a_wait_began_when_its_message_was_sent_however_often_it_comes(
    deployments: DeploymentStore, sent: str, since: str | None
) -> None:
    event = queue_event([{"command": "watch_waves", "deployment_id": DEP, "task_token": "token"}])
    event["Records"][0]["attributes"]["SentTimestamp"] = sent
    assert failed(handler(event, FakeContext())) == []
    began = deployments.get(DEP).watched_since
    assert began is not None
    assert since in {None, began}


@pytest.mark.parametrize("number", ["0", "-1", "100000", "1e999", "9" * 43, '"first"', "true", "null"])
def test_numbers_that_no_wave_has_are_refused(number: str) -> None:
    body = f'{{"command": "deploy_wave", "deployment_id": "{DEP}", "task_token": "token", "wave": {number}}}'
    if number == "true":
        assert COMMAND.validate_json(body).model_dump()["wave"] == 1
        return
    with pytest.raises(ValidationError, match="wave"):
        COMMAND.validate_json(body)


TOKEN: Final = "AQCEAAAAKgAAAAMAAAAA" + "k" * 40
"""A task token; whoever has one can answer the state that waits."""


def orders(**changes: object) -> list[dict[str, Any]]:
    """Return one order of each kind that a state waits for, with changes."""
    return [{**command, "task_token": TOKEN} | changes for command in COMMANDS if "task_token" in command]


@pytest.mark.usefixtures("deployments")
def test_no_task_token_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    handler(queue_event(orders() + orders(deployment_id=DEP)), FakeContext())
    told = logged(caplog)
    assert told.count('"msg": "carrying out"') == 2 * len(orders())
    assert TOKEN not in told


@pytest.mark.parametrize("change", [{"command": "none"}, {"task_token": TOKEN * 100}, {"extra": TOKEN}])
def test_no_task_token_is_in_what_is_said_of_an_order_that_makes_no_sense(
    caplog: pytest.LogCaptureFixture, change: dict[str, object]
) -> None:
    said = []
    for order in orders(**change):
        with pytest.raises(ValidationError) as refused:
            COMMAND.validate_json(json.dumps(order))
        said.append(str(refused.value))
    assert failed(handler(queue_event(orders(**change)), FakeContext()))
    assert TOKEN not in "".join(said) + logged(caplog)
