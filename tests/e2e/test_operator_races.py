"""What operators do at the wrong moment, or twice: one outcome, the right status, and a sentence for what cannot be."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from deployed.rest import ProblemError, Rest
from localcloud.stack import Stack
from tests.support.rollouts import GOOD, NEEDS_DHT11, Operator, eventually, runs

CONFLICT = 409
NOT_FOUND = 404
CLICKS = 20
BEGUN_AT_ONCE = 4


@pytest.fixture(scope="module")
def two(stack: Stack) -> Iterator[tuple[Operator, Operator]]:
    """Two operators, each with a connection of their own."""
    rests = Rest(stack), Rest(stack)
    yield Operator(rests[0]), Operator(rests[1])
    for rest in rests:
        rest.close()


def at_once(*clicks: Callable[[], object]) -> list[int]:
    """Click all at the same moment; returns the HTTP statuses that refused, and 200 for the others, in order."""
    barrier = Barrier(len(clicks))

    def click(action: Callable[[], object]) -> int:
        barrier.wait(timeout=10)
        try:
            action()
        except ProblemError as problem:
            return problem.status if problem.problem["detail"] else 0  # a refusal has a sentence
        return 200

    with ThreadPoolExecutor(len(clicks)) as pool:
        return sorted(pool.map(click, clicks))


@pytest.fixture(scope="module")
def crowd(two: tuple[Operator, Operator]) -> Sequence[Operator]:
    """As many clicks as come at once, by turns of two operators.

    As many workers of the function that steers deployments are begun beforehand, a few at a time: all at once
    would outlast a request. What they are asked for is not there.
    """
    clicks = two * (CLICKS // 2)
    for number in range(BEGUN_AT_ONCE, CLICKS + 1, BEGUN_AT_ONCE):
        at_once(*(partial(each.rest.call, "POST", "/deployments/dep_0/pause") for each in clicks[:number]))
    return clicks


def refusal(action: Callable[[], object]) -> str:
    """Return the sentence with which an action is refused as a conflict."""
    with pytest.raises(ProblemError) as refused:
        action()
    assert refused.value.status == CONFLICT
    return str(refused.value.problem["detail"])


def executions(stack: Stack, machine: str, deployment_id: str) -> dict[str, str]:
    """Return the status of each of a machine's executions of this deployment, by name."""
    states = stack.client("stepfunctions")
    arn = next(
        each["stateMachineArn"]
        for page in states.get_paginator("list_state_machines").paginate()
        for each in page["stateMachines"]
        if each["name"].endswith(f"-{machine}")
    )
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=arn)
    return {
        execution["name"]: execution["status"]
        for page in pages
        for execution in page["executions"]
        if execution["name"].startswith(deployment_id)
    }


def with_version_1(operator: Operator, devices: list[str]) -> str:
    flow_id = operator.flow(GOOD)
    assert operator.deploy(flow_id, devices, strategy="all_at_once")["status"] == "completed"
    operator.next_version(flow_id, GOOD | {"variables": [{"name": "colour", "type": "string", "value": "green"}]})
    return flow_id


def test_two_starts_at_once_are_one(
    stack: Stack, two: tuple[Operator, Operator], fleet: Fleet, devices: list[str]
) -> None:
    one, other = two
    flow_id = one.flow()
    # It runs for longer than the second request takes: a start of what has ended is refused.
    deployment_id = one.create(flow_id, devices[1:3], strategy="all_at_once", health_window="20s")
    answers = at_once(lambda: one.start(deployment_id), lambda: other.start(deployment_id))
    assert answers == [200, 200]
    assert one.ended(deployment_id)["status"] == "completed"
    assert list(executions(stack, "all-at-once", deployment_id)) == [deployment_id]
    assert runs(fleet, flow_id, devices[1:3], 1)


def test_many_starts_at_once_are_one(stack: Stack, crowd: Sequence[Operator], devices: list[str]) -> None:
    one = crowd[0]
    # As above, for the slowest of the clicks.
    deployment_id = one.create(one.flow(), devices[1:3], strategy="all_at_once", health_window="20s")
    assert at_once(*(partial(each.start, deployment_id) for each in crowd)) == [200] * CLICKS
    assert [event.type for event in one.events(deployment_id)].count("started") == 1
    assert one.ended(deployment_id)["status"] == "completed"
    assert list(executions(stack, "all-at-once", deployment_id)) == [deployment_id]


def test_many_cancels_at_once_are_one_and_what_was_cancelled_can_be_rolled_back(
    crowd: Sequence[Operator], fleet: Fleet, devices: list[str]
) -> None:
    one = crowd[0]
    few = devices[1:4]
    flow_id = with_version_1(one, few)
    deployment_id = one.create(flow_id, few, batch_size=1, batch_delay="10m")
    one.start(deployment_id)
    eventually(lambda: one.statuses(deployment_id).get(few[0]) == "success", seconds=30, what="the first is through")
    assert at_once(*(partial(each.cancel, deployment_id) for each in crowd)) == [200] * CLICKS
    cancelled = one.until(deployment_id, {"cancelled"})
    assert cancelled["status_reason"].startswith("cancelled by ")
    assert one.cancel(deployment_id)["finished_at"] == cancelled["finished_at"], "a repeat changes nothing"
    told = [event.type for event in one.events(deployment_id)]
    assert (told.count("cancel_requested"), told.count("cancelled")) == (1, 1)
    assert runs(fleet, flow_id, few[:1], 2), "it keeps what it runs"
    assert runs(fleet, flow_id, few[1:], 1)
    assert one.deploy(flow_id, few[1:2], strategy="all_at_once")["status"] == "completed", "no claim is left"
    one.rollback(deployment_id)
    assert one.until(deployment_id, {"rolled_back"})["status"] == "rolled_back"
    assert runs(fleet, flow_id, few[:1], 1)
    assert runs(fleet, flow_id, few[1:2], 2), "another deployment has changed it since"


def test_many_promotes_and_many_who_give_up_at_once_are_one(
    crowd: Sequence[Operator], stack: Stack, tmp_path: Path, devices: list[str]
) -> None:
    one = crowd[0]
    asleep = f"asleep_{uuid4().hex[:8]}"
    Fleet(stack, tmp_path).register([asleep])
    deployment_id = one.create(
        one.flow(), [devices[1], asleep, devices[2]], batch_size=2, batch_delay="10m", failure_threshold=50
    )
    one.start(deployment_id)
    eventually(lambda: one.statuses(deployment_id).get(devices[1]) == "success", seconds=30, what="one is through")
    assert "wave 1 waits for 1 device to" in refusal(lambda: one.promote(deployment_id))
    assert "it is success" in refusal(lambda: one.give_up(deployment_id, devices[1]))
    assert at_once(*(partial(each.give_up, deployment_id, asleep) for each in crowd)) == [200] * CLICKS
    eventually(
        lambda: one.targets(deployment_id)[asleep]["reason"] == "given_up",
        seconds=30,
        what="AWS IoT has ended its execution",
    )
    eventually(lambda: "wave_ended" in {event.type for event in one.events(deployment_id)}, seconds=30, what="it ends")
    promoted = _once_the_wait_is_on(lambda: at_once(*(partial(each.promote, deployment_id) for each in crowd)))
    assert 200 in promoted
    ended = one.ended(deployment_id)
    assert (ended["status"], one.statuses(deployment_id)[devices[2]]) == ("failed", "success")
    told = [event.type for event in one.events(deployment_id)]
    assert (told.count("target_given_up"), told.count("promoted")) == (1, 1)


def _once_the_wait_is_on(click: Callable[[], list[int]]) -> list[int]:
    answers: list[list[int]] = []

    def is_on() -> bool:
        answers.append(click())
        return 200 in answers[-1]

    eventually(is_on, seconds=30, what="the wait is on")
    return answers[-1]


def test_what_is_pending_is_deleted_once_and_its_flow_can_go(
    two: tuple[Operator, Operator], devices: list[str]
) -> None:
    one, other = two
    flow_id = one.flow()
    deployment_id = one.create(flow_id, devices[1:3])
    assert deployment_id in refusal(lambda: one.rest.call("DELETE", f"/flows/{flow_id}"))
    clicks = [partial(each.rest.call, "DELETE", f"/deployments/{deployment_id}") for each in (one, other)]
    assert set(at_once(*clicks)) <= {200, NOT_FOUND}
    one.rest.call("DELETE", f"/flows/{flow_id}")


def test_two_pauses_then_many_resumes_at_once(
    two: tuple[Operator, Operator], crowd: Sequence[Operator], devices: list[str]
) -> None:
    one, other = two
    deployment_id = one.create(one.flow(), devices[1:3], batch_size=1, batch_delay="1s")
    one.start(deployment_id)
    pauses = at_once(lambda: one.pause(deployment_id), lambda: other.pause(deployment_id))
    assert pauses == [200, CONFLICT]
    assert "paused" in refusal(lambda: one.pause(deployment_id))
    assert "resume" in refusal(lambda: one.start(deployment_id))
    assert at_once(*(partial(each.resume, deployment_id) for each in crowd)) == [200] * CLICKS
    assert [event.type for event in one.events(deployment_id)].count("resumed") == 1
    assert one.ended(deployment_id)["status"] == "completed"


def test_two_rollbacks_at_once_are_one(
    stack: Stack, two: tuple[Operator, Operator], fleet: Fleet, devices: list[str]
) -> None:
    one, other = two
    few = devices[1:3]
    flow_id = with_version_1(one, few)
    ended = one.deploy(flow_id, few, strategy="all_at_once")
    answers = at_once(lambda: one.rollback(ended["id"]), lambda: other.rollback(ended["id"]))
    assert answers == [200, 200]
    assert one.until(ended["id"], {"rolled_back"})["rollbacks"] == 1
    assert list(executions(stack, "rollback", ended["id"])) == [f"{ended['id']}-rollback-1"]
    assert runs(fleet, flow_id, few, 1)


def test_two_retries_at_once_are_one(two: tuple[Operator, Operator], devices: list[str]) -> None:
    one, other = two
    flow_id = one.flow(NEEDS_DHT11)
    failed = one.deploy(flow_id, devices[:2], batch_size=2, failure_threshold=50)
    assert failed["status"] == "failed"

    def retry(operator: Operator) -> Callable[[], object]:
        return lambda: operator.rest.call("POST", f"/deployments/{failed['id']}/retry")

    answers = at_once(retry(one), retry(other))
    assert answers in ([200, 200], [200, CONFLICT])
    deployments = one.rest.call("GET", f"/deployments?flow_id={flow_id}")["deployments"]
    (again,) = [deployment for deployment in deployments if deployment["retry_of"] == failed["id"]]
    assert one.read(failed["id"])["retried_by"] == again["id"]
    assert set(one.targets(again["id"])) == {devices[0]}, "just the target that had failed"
    assert one.ended(again["id"])["status"] in {"failed", "rolled_back"}


def test_a_pause_in_a_wait_holds_the_next_wave_and_a_rollback_while_paused_returns_all(
    stack: Stack, operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    few = devices[1:4]
    flow_id = with_version_1(operator, few)
    deployment_id = operator.create(flow_id, few, batch_size=1, batch_delay="2s")
    operator.start(deployment_id)
    eventually(
        lambda: operator.statuses(deployment_id)[few[0]] == "success", seconds=30, what="the first batch is through"
    )
    operator.pause(deployment_id)
    assert operator.read(deployment_id)["status"] == "paused"
    held = f"{deployment_id}-wave-2"
    eventually(lambda: held in executions(stack, "deploy-wave", deployment_id), seconds=30, what="wave 2 is held")
    operator.rollback(deployment_id)
    assert operator.ended(deployment_id)["status"] == "rolled_back"
    assert set(operator.statuses(deployment_id).values()) == {"rolled_back", "skipped"}
    for machine in ("rolling", "deploy-wave"):
        # Stopped by the rollback, or ended by themselves, where the wave was told of the rollback before it was held.
        left = executions(stack, machine, deployment_id)
        assert left, "they were there"
        assert set(left.values()) <= {"ABORTED", "SUCCEEDED"}, "nothing waits for a start any more"
    assert runs(fleet, flow_id, few, 1)


def test_a_rollback_while_it_is_planned_leaves_every_device_as_it_was(
    operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    few = devices[1:4]
    flow_id = with_version_1(operator, few)
    deployment_id = operator.create(flow_id, few, strategy="all_at_once")
    operator.start(deployment_id)
    operator.rollback(deployment_id)
    assert operator.ended(deployment_id)["status"] == "rolled_back"
    assert set(operator.statuses(deployment_id).values()) <= {"rolled_back", "skipped", "pending"}
    assert runs(fleet, flow_id, few, 1)
    assert operator.deploy(flow_id, few, strategy="all_at_once")["status"] == "completed", "no claim is left"


def test_what_is_not_possible_is_refused_with_a_sentence(operator: Operator, devices: list[str]) -> None:
    flow_id = operator.flow()
    deployment_id = operator.create(flow_id, devices[1:3], batch_size=1, batch_delay="2s")
    assert "not started" in refusal(lambda: operator.rollback(deployment_id))
    assert "not started" in refusal(lambda: operator.resume(deployment_id))
    assert refusal(lambda: operator.pause(deployment_id))
    operator.start(deployment_id)
    assert operator.start(deployment_id)["status"] == "running"
    assert operator.ended(deployment_id)["status"] == "completed"
    for action in (operator.start, operator.pause, operator.resume, operator.cancel):
        assert "completed" in refusal(lambda action=action: action(deployment_id))  # type: ignore[misc]
    assert "only one that has failed" in refusal(
        lambda: operator.rest.call("POST", f"/deployments/{deployment_id}/retry")
    )
    operator.rollback(deployment_id)
    operator.until(deployment_id, {"rolled_back"})
    assert "rolled back already" in refusal(lambda: operator.rollback(deployment_id))


def test_disjoint_fleets_run_side_by_side_and_overlapping_ones_are_refused_by_name(
    operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow()
    north = operator.create(flow_id, devices[1:3], batch_size=1, batch_delay="2s")
    south = operator.create(flow_id, devices[3:5], batch_size=1, batch_delay="2s")
    across = operator.create(flow_id, devices[2:4], strategy="all_at_once")
    operator.start(north)
    eventually(lambda: operator.read(north)["current_wave"] == 1, seconds=30, what="the first one is at work")
    operator.start(south)
    sentence = refusal(lambda: operator.start(across))
    assert north in sentence
    assert devices[2] in sentence
    assert operator.read(across)["status"] == "pending"
    assert operator.ended(north)["status"] == "completed"
    assert operator.ended(south)["status"] == "completed"
    operator.start(across)
    assert operator.ended(across)["status"] == "completed"
    assert runs(fleet, flow_id, devices[1:5], 1)
