"""Faults of the cloud's functions: they die at the worst moment, and AWS IoT throttles them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from edgeflow.domain.jobs import MAX_JOB_TARGETS
from localcloud.edge import Edge
from localcloud.edge_rules import TOO_MANY, KillCaller, Repeat, Throttle, of
from localcloud.settings import Settings, read_running
from localcloud.stack import Stack
from tests.support.faults import Once, answer_for, executions, queue_length, redelivered_after, register_absent, through
from tests.support.rollouts import eventually, runs

DISPATCHER = "DispatchWaveFunction"
TALLY = "TallyWaveFunction"
FUNCTIONS = (DISPATCHER, TALLY, "PlanRolloutFunction", "IngestReportsFunction", "ConcludeRolloutFunction")
CHANGES = {"BatchWriteItem", "PutItem", "TransactWriteItems", "UpdateItem", "CreateJob", "CancelJob", "SendTaskSuccess"}
CREATE_JOB = "iot:CreateJob"
OK, EXISTS = 200, 409
SDK_TRIES = 5
"""Of one call, by the functions' configuration of the SDK."""

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def edge(stack: Stack) -> Iterator[Edge]:
    """What stands between the functions of a rollout and the cloud."""
    with Edge(stack.endpoint_url) as edge, ExitStack() as meanwhile:
        for function in FUNCTIONS:
            meanwhile.enter_context(through(edge, stack, function))
        yield edge


@pytest.fixture(autouse=True)
def forget(edge: Edge) -> None:
    """Let each test see its own calls only."""
    edge.forget()


@pytest.fixture
def emulator(local_cloud: Settings) -> int:
    """The process that the functions are children of."""
    return read_running(local_cloud.data_dir)["pid"]


@pytest.fixture
def late(stack: Stack, tmp_path: Path) -> Iterator[Fleet]:
    """Devices that are not connected until a test starts them."""
    fleet = Fleet(stack, tmp_path)
    yield fleet
    fleet.stop()


def answered(edge: Edge) -> list[int | None]:
    """Return how each CreateJob was answered; None where the dispatcher died before it was."""
    return [status for _, status in edge.calls(CREATE_JOB)]


def created(edge: Edge) -> list[int | None]:
    """Return how each CreateJob was answered that was not refused for coming too soon."""
    return [status for status in answered(edge) if status != TOO_MANY]


def test_a_dispatcher_that_dies_after_create_job_holds_nothing_up(
    edge: Edge, once: Once, devices: list[str], emulator: int
) -> None:
    flow_id, few = once.operator.flow(), devices[7:10]
    death = KillCaller(of(CREATE_JOB), parent=emulator)
    queue = once.stack.outputs["DispatchQueueUrl"]
    with edge.under(death), redelivered_after(once.stack, queue, 8):
        deployment_id = once.operator.create(flow_id, few, strategy="all_at_once")
        once.operator.start(deployment_id)
        once.all_succeeded(deployment_id, few)
    eventually(lambda: queue_length(once.stack, queue) == 0, seconds=20, what="the message came again and was handled")
    assert death.treated == 1
    once.all_succeeded(deployment_id, few)
    once.all_run(flow_id, few, 1)


def test_the_message_of_a_dispatcher_that_died_comes_again_and_creates_nothing_twice(
    edge: Edge, once: Once, late: Fleet, emulator: int
) -> None:
    flow_id, few = once.operator.flow(), [f"late_{uuid4().hex[:8]}_{number}" for number in (1, 2)]
    late.register(few)
    death = KillCaller(of(CREATE_JOB), parent=emulator)
    with edge.under(death), redelivered_after(once.stack, once.stack.outputs["DispatchQueueUrl"], 6):
        deployment_id = once.operator.create(flow_id, few, strategy="rolling", batch_size=2)
        once.operator.start(deployment_id)
        eventually(lambda: EXISTS in created(edge), seconds=30, what="the message has come again")
    assert (created(edge)[0], set(created(edge)[1:])) == (None, {EXISTS})
    late.start(few)
    once.all_succeeded(deployment_id, few)
    assert runs(late, flow_id, few, 1)
    once.next_one_starts(flow_id, few)


def test_a_dispatcher_that_dies_between_two_jobs_of_a_wave_creates_the_other_one_when_it_comes_again(
    edge: Edge, once: Once, emulator: int
) -> None:
    flow_id, many = once.operator.flow(), [f"many_{uuid4().hex[:8]}_{number}" for number in range(MAX_JOB_TARGETS + 1)]
    register_absent(once.stack, many)
    death = KillCaller(of(CREATE_JOB), parent=emulator)
    with edge.under(death), redelivered_after(once.stack, once.stack.outputs["DispatchQueueUrl"], 6):
        deployment_id = once.operator.create(flow_id, many, strategy="all_at_once", timeout="5m")
        once.operator.start(deployment_id)
        eventually(lambda: OK in created(edge), seconds=30, what="the message has come again")
    assert created(edge)[:3] == [None, EXISTS, OK]
    answer_for(once.stack, {device: job_id for device, (job_id,) in once.jobs(deployment_id, many).items()})
    once.all_succeeded(deployment_id, many)


@pytest.mark.parametrize("written", [b"DEPLOYMENT#COUNTERS", b"WAVE#00001"], ids=["deployment", "wave"])
def test_a_tally_that_dies_after_its_write_counts_once_and_wakes_the_execution(
    edge: Edge, once: Once, devices: list[str], emulator: int, written: bytes
) -> None:
    flow_id, few = once.operator.flow(), devices[7:10]
    death = KillCaller(of("dynamodb:UpdateItem", caller=TALLY, says=written), parent=emulator, times=2)
    with edge.under(death):
        deployment_id = once.operator.create(flow_id, few, strategy="all_at_once")
        once.operator.start(deployment_id)
        once.all_succeeded(deployment_id, few)
    assert death.treated == 2
    once.all_run(flow_id, few, 1)


def test_calls_that_reach_the_cloud_twice_because_an_answer_got_lost_are_done_once(
    edge: Edge, once: Once, devices: list[str]
) -> None:
    flow_id, few = once.operator.flow(), devices[7:11]
    with edge.under(Repeat(lambda call: call.operation in CHANGES)):
        deployment_id = once.operator.create(flow_id, few, strategy="rolling", batch_size=2)
        once.operator.start(deployment_id)
        once.all_succeeded(deployment_id, few, waves=2)
    assert {call.caller for call, _ in edge.calls() if call.operation in CHANGES} == set(FUNCTIONS)
    once.all_run(flow_id, few, 1)


def test_throttling_by_iot_for_a_while_delays_a_wave_and_loses_nothing(
    edge: Edge, once: Once, devices: list[str]
) -> None:
    flow_id, few = once.operator.flow(), devices[7:11]
    throttle = Throttle(of(CREATE_JOB))
    deployment_id = once.operator.create(flow_id, few, strategy="rolling", batch_size=2)
    with redelivered_after(once.stack, once.stack.outputs["DispatchQueueUrl"], 10):
        with edge.under(throttle):
            once.operator.start(deployment_id)
            eventually(lambda: throttle.treated > SDK_TRIES, seconds=40, what="a dispatcher gave up, and came again")
            assert once.operator.read(deployment_id)["status"] == "running"
        once.all_succeeded(deployment_id, few, waves=2)
    assert answered(edge)[: SDK_TRIES + 1] == [TOO_MANY] * (SDK_TRIES + 1)
    once.all_run(flow_id, few, 1)
    once.next_one_starts(flow_id, few)


def test_throttling_while_a_wave_is_closed_still_accounts_for_every_device(
    edge: Edge, once: Once, devices: list[str], asleep: list[str]
) -> None:
    flow_id, awake = once.operator.flow(), devices[7]
    throttles = [Throttle(of(name), times=2) for name in ("iot:CancelJob", "iot:ListJobExecutionsForJob")]
    with edge.under(*throttles):
        targets = [awake, *asleep]
        ended = once.operator.deploy(flow_id, targets, strategy="all_at_once", timeout="8s", auto_rollback=False)
    assert [throttle.treated for throttle in throttles] == [2, 2]
    assert ended["status"] == "failed", ended["status_reason"]
    assert once.operator.statuses(ended["id"]) == {awake: "success"} | dict.fromkeys(asleep, "failed")
    once.counted(ended, targets, success=1, failed=2)
    ((job_id,),) = {tuple(jobs) for jobs in once.jobs(ended["id"], targets).values()}
    abandoned = executions(once.stack, dict.fromkeys(asleep, job_id))
    assert {each["status"] for each in abandoned.values()} == {"CANCELED"}
    once.recorded(ended, [awake], version=1)
    once.nothing_given_up()
