"""What AWS IoT answers, in the words of the port; nothing here needs a network."""

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from awscrt.exceptions import AwsCrtError
from awsiot import V2ServiceException, iotjobs

import edge_agent.cloud.transport
from edge_agent.cloud.connection import make_client
from edge_agent.cloud.transport import MqttTransport
from edge_agent.config import AgentConfig, ConfigError
from edge_agent.jobs.ports import Execution, Offline, UpdateRefused
from tests.unit.edge_agent.keys import write_keys

JOB = "dep_1-w00001-0000"


def settings(folder: Path) -> AgentConfig:
    """Return settings with keys that the TLS library takes."""
    certificate, key = write_keys(folder)
    return AgentConfig(
        device_id="dev_001",
        endpoint="127.0.0.1",
        port=9,
        certificate=certificate,
        private_key=key,
        data_directory=folder / "data",
    )


class IotJobs:
    """Stands for the SDK's jobs client: answers every request with one thing, and keeps the request."""

    def __init__(self, answer: object) -> None:
        """Answer with this, or fail with it when it is an exception."""
        self._answer = answer
        self.request: Any = None

    def describe_job_execution(self, request: object) -> "Future[Any]":
        """Answer."""
        self.request = request
        future: Future[Any] = Future()
        if isinstance(self._answer, BaseException):
            future.set_exception(self._answer)
        else:
            future.set_result(self._answer)
        return future

    update_job_execution = describe_job_execution

    def create_next_job_execution_changed_stream(self, *_: object) -> SimpleNamespace:
        """Tell of no job."""
        return SimpleNamespace(open=lambda: None)


class Client:
    """Stands for the SDK's MQTT client: what is published becomes of ``sent``."""

    def __init__(self, **listeners: Callable[[object], None]) -> None:
        """Have these hear what becomes of the connection."""
        self.listeners = listeners
        self.sent: Future[object] = Future()
        self.stopped = False

    def start(self) -> None:
        """Connect at once."""
        self.listeners["on_connected"](SimpleNamespace())

    def stop(self) -> None:
        """Disconnect at once."""
        if not self.stopped:
            self.stopped = True
            self.listeners["on_stopped"](SimpleNamespace())

    def publish(self, _: object) -> "Future[object]":
        """Take a message."""
        return self.sent


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[Client]:
    """The MQTT clients that are made from here on: stand-ins, of settings of which a real one can be made."""
    made: list[Client] = []

    def make(config: AgentConfig, **named: Any) -> Client:  # noqa: ANN401  what the SDK's client takes
        make_client(config, **named)
        made.append(Client(**named))
        return made[-1]

    monkeypatch.setattr(edge_agent.cloud.transport, "make_client", make)
    return made


Connected = Callable[..., tuple[MqttTransport, IotJobs]]


@pytest.fixture
def connected(tmp_path: Path, clients: list[Client], monkeypatch: pytest.MonkeyPatch) -> Iterator[Connected]:
    """Make transports that are connected to somebody who gives one answer."""
    made: list[MqttTransport] = []

    def make(answer: object, **listeners: Any) -> tuple[MqttTransport, IotJobs]:  # noqa: ANN401  MqttTransport's
        jobs = IotJobs(answer)
        monkeypatch.setattr(iotjobs, "IotJobsClientV2", lambda *_: jobs)
        made.append(MqttTransport(settings(tmp_path), on_ready=lambda: None, on_next=lambda _: None, **listeners))
        made[-1].start()
        assert clients
        return made[-1], jobs

    yield make
    for each in made:
        each.stop()


def refusal(code: str | None, status: str | None = None) -> V2ServiceException:
    """Return what the SDK raises for a rejected request; without a code, for one that got no answer."""
    state = iotjobs.JobExecutionState(status=status) if status else None
    modeled = iotjobs.V2ErrorResponse(code=code, message="so it is", execution_state=state) if code else None
    return V2ServiceException("refused", RuntimeError("below"), modeled)


def described(
    status: str = "QUEUED", job_id: str | None = JOB, *, timestamp: datetime | None = None
) -> SimpleNamespace:
    """Return an answer to describe; the SDK makes its time a local one, without a zone."""
    execution = iotjobs.JobExecutionData(job_id=job_id, status=status, job_document={"schema": "edgeflow.job/1"})
    return SimpleNamespace(execution=execution, timestamp=timestamp)


def test_a_connection_that_is_away_is_offline_at_once(tmp_path: Path) -> None:
    transport = MqttTransport(settings(tmp_path), on_ready=lambda: None, on_next=lambda _: None)
    for ask in (
        transport.next,
        lambda: transport.is_open(JOB),
        lambda: transport.update(JOB, "SUCCEEDED", {}),
        lambda: transport.publish("a", b""),
    ):
        with pytest.raises(Offline):
            ask()
    with pytest.raises(ConnectionError):
        transport.publish_from_flow("a", b"")


def test_the_next_job_comes_with_its_document(connected: Connected) -> None:
    transport, jobs = connected(described())
    assert transport.next() == Execution(job_id=JOB, status="QUEUED", document={"schema": "edgeflow.job/1"})
    assert (jobs.request.job_id, jobs.request.thing_name, jobs.request.include_job_document) == (
        "$next",
        "dev_001",
        True,
    )


@pytest.mark.parametrize("answer", [SimpleNamespace(execution=None, timestamp=None), described(job_id=None)])
def test_no_job(connected: Connected, answer: object) -> None:
    assert connected(answer)[0].next() is None


def test_what_time_the_cloud_has_is_passed_on_in_utc(connected: Connected) -> None:
    heard: list[datetime] = []
    moment = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
    answer = described(timestamp=moment.astimezone().replace(tzinfo=None))
    transport, _ = connected(answer, on_time=heard.append)
    transport.next()
    assert heard == [moment]
    assert heard[0].tzinfo is UTC


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(refusal("RequestThrottled"), id="throttled"),
        pytest.param(refusal("InternalError"), id="trouble_in_aws"),
        pytest.param(refusal(None), id="no_answer"),
        pytest.param(AwsCrtError(1, "AWS_ERROR", "the connection broke"), id="broken"),
    ],
)
def test_what_may_pass_is_offline(connected: Connected, error: Exception) -> None:
    transport, _ = connected(error)
    for ask in (transport.next, lambda: transport.is_open(JOB), lambda: transport.update(JOB, "SUCCEEDED", {})):
        with pytest.raises(Offline):
            ask()


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        pytest.param(described(), True, id="an_answer"),
        pytest.param(refusal("InvalidStateTransition", "CANCELED"), True, id="refused"),
        pytest.param(refusal("RequestThrottled"), True, id="throttled"),
        pytest.param(refusal(None), False, id="no_answer"),
        pytest.param(AwsCrtError(1, "AWS_ERROR", "the connection broke"), False, id="broken"),
    ],
)
def test_the_cloud_is_heard_when_it_answers_whatever_it_says(
    connected: Connected, answer: object, *, heard: bool
) -> None:
    transport, _ = connected(answer)
    assert transport.heard_at == -math.inf, "a connection alone is no sign"
    before = time.monotonic()
    with suppress(Offline, UpdateRefused):
        transport.update(JOB, "SUCCEEDED", {})
    assert (before <= transport.heard_at <= time.monotonic()) is heard


@pytest.mark.parametrize("heard", [True, False])
def test_a_report_that_is_acknowledged_is_a_sign_of_the_cloud_as_well(
    connected: Connected, clients: list[Client], *, heard: bool
) -> None:
    transport, _ = connected(described())
    sent = clients[-1].sent
    if heard:
        sent.set_result(SimpleNamespace())
    else:
        sent.set_exception(AwsCrtError(1, "AWS_ERROR", "the connection broke"))
    with suppress(Offline):
        transport.publish("edgeflow/devices/dev_001/health", b"{}")
    assert (transport.heard_at > -math.inf) is heard


def test_a_refused_update_tells_what_the_execution_is(connected: Connected) -> None:
    transport, _ = connected(refusal("InvalidStateTransition", "CANCELED"))
    with pytest.raises(UpdateRefused) as refused:
        transport.update(JOB, "SUCCEEDED", {"step": "done"})
    assert (refused.value.code, refused.value.status) == ("InvalidStateTransition", "CANCELED")


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        pytest.param(described("QUEUED"), True, id="queued"),
        pytest.param(described("IN_PROGRESS"), True, id="in_progress"),
        pytest.param(described("CANCELED"), False, id="cancelled"),
        # AWS IoT does not describe an execution that has ended.
        pytest.param(refusal("TerminalStateReached"), False, id="ended"),
        pytest.param(refusal("ResourceNotFound"), False, id="gone"),
        pytest.param(SimpleNamespace(execution=None), False, id="nothing"),
    ],
)
def test_whether_a_job_is_still_wanted(connected: Connected, answer: object, *, wanted: bool) -> None:
    transport, jobs = connected(answer)
    assert transport.is_open(JOB) is wanted
    assert (jobs.request.job_id, jobs.request.include_job_document) == (JOB, False)


def test_details_hold_nothing_that_aws_iot_refuses(connected: Connected) -> None:
    transport, jobs = connected(SimpleNamespace())
    transport.update(JOB, "FAILED", {"step": "health_check", "message": "two\nlines\x00 and \u200b\ud800 more"})
    assert jobs.request.status_details == {"step": "health_check", "message": "two lines  and    more"}


def test_keys_that_cannot_be_used_are_a_fault_of_the_settings(tmp_path: Path) -> None:
    config = settings(tmp_path)
    config.certificate.write_text("no certificate")
    with pytest.raises(ConfigError, match="certificate"):
        MqttTransport(config, on_ready=lambda: None, on_next=lambda _: None)


def test_a_connection_is_made_anew_in_place_of_the_one_before(connected: Connected, clients: list[Client]) -> None:
    transport, _ = connected(described())
    assert transport.reconnect(0)
    assert [each.stopped for each in clients] == [True, False]


def test_who_was_stopped_does_not_connect_anew(connected: Connected, clients: list[Client]) -> None:
    transport, _ = connected(described())
    transport.stop()
    assert not transport.reconnect(30)
    assert len(clients) == 1


def test_without_anybody_there_a_new_connection_is_none(tmp_path: Path) -> None:
    transport = MqttTransport(settings(tmp_path), on_ready=lambda: None, on_next=lambda _: None)
    transport.start()
    assert not transport.reconnect(0.1)
    transport.stop()


def test_a_pair_that_cannot_be_used_leaves_the_connection_as_it_is(
    connected: Connected, clients: list[Client], tmp_path: Path
) -> None:
    transport, _ = connected(described())
    (tmp_path / "certificate.pem").write_text("no certificate")
    with pytest.raises(ConfigError):
        transport.reconnect(30)
    assert transport.connected
    assert [each.stopped for each in clients] == [False]
