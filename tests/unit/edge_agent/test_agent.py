"""The agent as a whole, with nobody to connect to: flows run anyway, and it never looks alive without working."""

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

import edge_agent.agent
from edge_agent.agent import Agent
from edge_agent.cloud.pace import ReportPace
from edge_agent.config import AgentConfig, ConfigError
from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.state import AgentState, JournalEntry, Outcome, StateFile, read_state
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.bring_up import MAX_STARTS, BringUp
from edge_agent.flows.workers.runtime import WorkerRuntime
from edge_agent.jobs.engine import Engine
from edge_agent.jobs.ports import Execution
from edge_agent.jobs.read_order import Ordered
from edgeflow.contract.job import JobDocument, StatusDetails, Step, Watch
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Health
from tests.support.waiting import wait_for
from tests.unit.edge_agent.agent_parts import Parts, parts_of
from tests.unit.edge_agent.device import FLOW, JOB, NOON, apply, artifact_bytes, sha256
from tests.unit.edge_agent.keys import write_keys
from tests.unit.edge_agent.orders import ORDER_KEY, signed

SOON_SECONDS = 30


@pytest.fixture
def config(tmp_path: Path) -> AgentConfig:
    """Settings of a device that runs version 1 of a flow, and whose cloud does not answer."""
    certificate, key = write_keys(tmp_path)
    data = tmp_path / "data"
    ArtifactStore(data).put(sha256(1), artifact_bytes(1))
    live = InstalledVersion(version=1, sha256=sha256(1), since=NOON)
    StateFile(data, lambda: NOON).write(AgentState(sequence=1, flows={FLOW: live}))
    return AgentConfig(
        device_id="dev_001",
        endpoint="127.0.0.1",
        port=9,
        certificate=certificate,
        private_key=key,
        data_directory=data,
        jitter=0,
    )


@pytest.fixture
def agent(config: AgentConfig) -> Iterator[Agent]:
    """The device's agent, not started; stopped in the end."""
    made = Agent(config)
    yield made
    made.stop()


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    """What the agent gives to its connection, and to what paces its reports."""
    return parts_of(monkeypatch, "MqttTransport", "ReportPace")


def ended(agent: Agent) -> bool | None:
    """Wait for the agent to end; returns what it says, None when it does not end soon."""
    told: list[bool] = []
    waiting = threading.Thread(target=lambda: told.append(agent.wait()), daemon=True)
    waiting.start()
    waiting.join(SOON_SECONDS)
    return told[0] if told else None


def runs(agent: Agent) -> None:
    """Wait until its flow runs."""
    wait_for(lambda: agent.running() == {FLOW: 1} or None, what="its flow runs", seconds=SOON_SECONDS)


@pytest.mark.slow
def test_flows_run_without_the_cloud_and_stop_with_the_agent(agent: Agent) -> None:
    agent.start()
    runs(agent)
    agent.stop()
    assert agent.running() == {}
    assert ended(agent) is True
    agent.stop()  # once more does no harm


def test_an_agent_that_was_stopped_before_it_started_does_not_start(agent: Agent) -> None:
    agent.stop()
    agent.start()
    assert agent.running() == {}
    assert ended(agent) is True


@pytest.mark.parametrize("setting", ["artifact_keys", "order_keys"])
def test_a_key_that_verifies_nothing_is_refused_by_the_name_of_its_setting(config: AgentConfig, setting: str) -> None:
    pinned = config.model_copy(update={setting: [config.certificate]})
    with pytest.raises(ConfigError, match=f"{setting}: .* holds no public key in PEM"):
        Agent(pinned)


def test_orders_are_read_with_the_keys_of_the_settings_for_this_device(
    config: AgentConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parts = parts_of(monkeypatch, "Engine")
    pinned = config.model_copy(update={"order_keys": [ORDER_KEY.write(tmp_path / "order-key.pem")]})
    Agent(pinned).stop()
    read_order = parts["Engine"]["read_order"]
    said = {
        device: read_order(
            Execution(job_id=JOB, status="QUEUED", document=signed(apply(1), devices=(device,)), told_at=NOON),
            AgentState(),
        )
        for device in ("dev_001", "dev_002")
    }
    assert isinstance(said["dev_001"], Ordered)
    assert said["dev_002"].reason is Reason.ORDER_UNTRUSTED


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(("part", "does"), [(Engine, "work"), (WorkerRuntime, "report")])
def test_an_agent_whose_work_fails_unexpectedly_ends_and_says_so(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, part: type, does: str
) -> None:
    def fails(_: object) -> None:
        message = "nobody thought of this"
        raise ZeroDivisionError(message)

    monkeypatch.setattr(part, does, fails)
    agent.start()
    assert ended(agent) is False, "so that systemd starts it anew"


def test_what_may_pass_is_tried_again(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_agent.agent, "FIRST_RETRY_SECONDS", 0.01)
    done = threading.Event()
    errors = [OSError(28, "No space left on device"), OSError(28, "No space left on device")]

    def work(_: Engine) -> None:
        if errors:
            raise errors.pop()
        done.set()

    monkeypatch.setattr(Engine, "work", work)
    agent.start()
    assert done.wait(SOON_SECONDS)


@pytest.mark.slow
def test_a_success_that_cannot_be_told_is_taken_back_at_the_limit_and_a_sign_of_the_cloud_is_asked_for(
    config: AgentConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_agent.agent, "FIRST_RETRY_SECONDS", 3_600.0)  # the limit alone brings the last try
    monkeypatch.setattr(AgentConfig, "unheard_limit", 1.0)
    ArtifactStore(config.data_directory).put(sha256(2), artifact_bytes(2))
    file = StateFile(config.data_directory, lambda: NOON)
    before, after = file.state.flows[FLOW], InstalledVersion(version=2, sha256=sha256(2), since=NOON)
    told = Outcome(status="SUCCEEDED", details=StatusDetails(step=Step.DONE))
    document = JobDocument.model_validate(apply(2))
    entry = JournalEntry(job_id=JOB, document=document, before=before, activated=True, outcome=told)
    file.write(file.state.model_copy(update={"flows": {FLOW: after}, "job": entry}))
    wanted = threading.Event()
    agent = Agent(config)
    monkeypatch.setattr(ReportPace, "want", lambda _: wanted.set())
    try:
        agent.start()
        wait_for(lambda: agent.running() == {FLOW: 1} or None, what="the version before runs", seconds=SOON_SECONDS)
    finally:
        agent.stop()
    assert wanted.is_set()
    job = read_state(config.data_directory).job
    assert job is not None
    assert job.outcome is not None
    assert job.outcome.details.reason is Reason.CONNECTION_LOST


def test_a_full_disk_does_not_keep_flows_from_starting(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Engine) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Engine, "recover", full)
    agent.start()
    runs(agent)


@pytest.mark.parametrize(
    ("named", "doubts"),
    [
        pytest.param(JOB, 0, id="the_job_at_work"),
        pytest.param("dep_2-w00001-0000", 1, id="another"),
        pytest.param(None, 1, id="none"),
    ],
)
def test_a_job_at_work_is_doubted_only_when_another_one_is_next(
    config: AgentConfig, parts: Parts, monkeypatch: pytest.MonkeyPatch, named: str | None, doubts: int
) -> None:
    file = StateFile(config.data_directory, lambda: NOON)
    entry = JournalEntry(job_id=JOB, document=JobDocument.model_validate(apply(2)), before=None)
    file.write(file.state.model_copy(update={"job": entry}))
    heard: list[int] = []
    monkeypatch.setattr(Engine, "look_again", lambda _: heard.append(1))
    Agent(config)
    tell = parts["MqttTransport"]
    tell["on_next"](named)
    assert len(heard) == doubts
    tell["on_ready"]()
    assert len(heard) == doubts + 1, "what became of it while the connection was away is not known"


def test_an_open_deployment_has_health_reported_more_often_also_after_a_restart(
    config: AgentConfig, parts: Parts
) -> None:
    file = StateFile(config.data_directory, lambda: NOON)
    watch = Watch(every_seconds=60, until=datetime.now(UTC) + timedelta(hours=1))
    file.write(file.state.model_copy(update={"watches": {FLOW: watch}}))
    Agent(config)
    seconds_between_reports = parts["ReportPace"]["every"]
    assert seconds_between_reports() == 60
    parts["MqttTransport"]["on_time"](watch.until)
    assert seconds_between_reports() == 900, "by the cloud's clock the deployment is over"


def test_without_a_job_nothing_is_doubted(config: AgentConfig, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    monkeypatch.setattr(Engine, "look_again", lambda _: heard.append(1))
    Agent(config)
    parts["MqttTransport"]["on_next"](JOB)
    parts["MqttTransport"]["on_ready"]()
    assert heard == []


# --- Jobs before flows ----------------------------------------------------------------------------------------------


def test_jobs_are_taken_up_while_flows_are_still_brought_up(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs_come, flows_may_come = threading.Event(), threading.Event()
    bring_up = agent.runtime.bring_up

    def slowly(flows: Mapping[str, Slots]) -> None:
        assert flows_may_come.wait(SOON_SECONDS)
        bring_up(flows)

    monkeypatch.setattr(Engine, "work", lambda _: jobs_come.set())
    monkeypatch.setattr(agent.runtime, "bring_up", slowly)
    starting = threading.Thread(target=agent.start)
    starting.start()
    assert jobs_come.wait(SOON_SECONDS)
    flows_may_come.set()
    starting.join(SOON_SECONDS)
    runs(agent)


@pytest.fixture
def unlucky(config: AgentConfig) -> AgentConfig:
    """Settings of a device whose agent went down as often as it takes to start without flows."""
    for _ in range(MAX_STARTS):
        CrashFile(config.data_directory).agent_starts()
    return config


@pytest.mark.slow
def test_an_agent_that_goes_down_again_and_again_starts_without_flows_and_says_so(unlucky: AgentConfig) -> None:
    agent = Agent(unlucky)
    try:
        agent.start()
        assert agent.running() == {}
        (flow,) = agent.runtime.report()
        assert flow.health is Health.UNHEALTHY
        assert "The agent went down 3 times in a row right after its start" in flow.nodes[0].error
    finally:
        agent.stop()


def test_its_flows_are_started_after_a_job(unlucky: AgentConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    file = StateFile(unlucky.data_directory, lambda: NOON)

    def work(_: Engine) -> None:
        file.write(file.state.model_copy(update={"sequence": file.next_sequence()}))

    monkeypatch.setattr(edge_agent.agent, "StateFile", lambda *_: file)
    monkeypatch.setattr(Engine, "work", work)
    agent = Agent(unlucky)
    try:
        agent.start()
        runs(agent)
    finally:
        agent.stop()


def test_they_are_started_after_some_minutes_anyway(unlucky: AgentConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_agent.agent, "BringUp", partial(BringUp, without_flows=0.1))
    agent = Agent(unlucky)
    try:
        agent.start()
        runs(agent)
    finally:
        agent.stop()


@pytest.mark.slow
def test_an_agent_that_was_stopped_or_has_been_up_for_a_while_did_not_go_down(
    config: AgentConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(MAX_STARTS + 1):
        agent = Agent(config)
        agent.start()
        runs(agent)
        agent.stop()
    monkeypatch.setattr(edge_agent.agent, "BringUp", partial(BringUp, well_after=0.1))
    agent = Agent(config)
    agent.start()
    try:
        wait_for(lambda: CrashFile(config.data_directory).starts == 0 or None, what="it is well")
    finally:
        agent.stop()
