"""Every state has a way out: what operators do to a deployment, once, twice, and twenty at the same moment."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from edgeflow.domain.deployments import ACTIVE, UNFINISHED, Deployment, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.errors import Conflict, NotFound
from edgeflow.use_cases.devices.ports import Install
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from edgeflow.use_cases.rollout.ports import JobExecution
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, ME, Cloud, rollback_request, running_world, wave_job

CLICKS = 20
ENDED = sorted(set(DeploymentStatus) - UNFINISHED)


def pending() -> Cloud:
    """A deployment of two waves that nobody has started."""
    return Cloud(running_world(4, status=DeploymentStatus.PENDING))


def at_work() -> Cloud:
    """Its first wave is dispatched: one device runs the new version, one is at it."""
    cloud = pending()
    cloud.start(DEPLOYMENT, by=ME)
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    return cloud


def paused(*, breached: bool = False) -> Cloud:
    """Its first wave is over, and the next one is held; with a breach that is why."""
    cloud = Cloud(running_world(4, status=DeploymentStatus.PENDING, auto_rollback=False))
    cloud.start(DEPLOYMENT, by=ME)
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.report("dev_002", "FAILED" if breached else "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.tally_all()
    if not breached:
        cloud.pause(DEPLOYMENT, by=ME)
    cloud.await_resume(DEPLOYMENT, "token-p", breached=breached)
    return cloud


def at_once(click: Callable[[], object]) -> Counter[str]:
    """Click many times at the same moment; returns how many went through, and how many were refused."""
    barrier = Barrier(CLICKS)

    def one(_: int) -> str:
        barrier.wait(timeout=10)
        try:
            click()
        except (Conflict, NotFound) as refusal:
            return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(CLICKS) as pool:
        return Counter(pool.map(one, range(CLICKS)))


def types(cloud: Cloud) -> list[str]:
    return [event.type for event in cloud.world.history[DEPLOYMENT]]


def claimed(cloud: Cloud) -> set[str]:
    return {device for (device, _), install in cloud.world.installs.items() if install.claimed_by == DEPLOYMENT}


def _table() -> list[tuple[str, DeploymentStatus, str]]:
    """Return each cell of the table of ways out in docs/api.md: the request, the status, what it does."""
    text = (Path(__file__).parents[4] / "docs" / "api.md").read_text(encoding="utf-8")
    head, _, *rows = text[text.index("| request | pending |") :].split("\n\n")[0].splitlines()
    columns = [cell.strip().split(", ") for cell in head.strip("|").split("|")[1:]]
    return [
        (request.strip(" `").removeprefix("POST …/"), DeploymentStatus(status), cell.strip())
        for request, *cells in (row.strip("|").split("|") for row in rows)
        for statuses, cell in zip(columns, cells, strict=True)
        for status in statuses
    ]


def test_the_table_of_ways_out_has_every_status() -> None:
    assert {status for _, status, _ in _table()} == set(DeploymentStatus)


@pytest.mark.parametrize(("request_", "status", "does"), _table())
def test_each_request_does_what_the_table_says(request_: str, status: DeploymentStatus, does: str) -> None:
    world = running_world(1, status=status)
    if request_ == "rollback" and status not in ACTIVE:
        changed = Target(
            device_id="dev_001", wave=1, status=TargetStatus.SUCCESS, version_before=1, reached=True, runs_version=2
        )
        world.put_target(DEPLOYMENT, changed)
        world.installs["dev_001", FLOW] = Install(device_id="dev_001", version=2, deployment_id=DEPLOYMENT)
    if "never started" not in does:
        world.deployments[DEPLOYMENT] = replace(world.deployments[DEPLOYMENT], started_at="2026-02-21T12:00:00.000Z")
    cloud = Cloud(world)
    asked: dict[str, Callable[[], object]] = {
        "start": lambda: cloud.start(DEPLOYMENT, by=ME),
        "pause": lambda: cloud.pause(DEPLOYMENT, by=ME),
        "resume": lambda: cloud.resume(DEPLOYMENT, by=ME),
        "cancel": lambda: cloud.cancel(DEPLOYMENT, by=ME),
        "rollback": lambda: cloud.rollback(DEPLOYMENT, by=ME),
        "DELETE": lambda: cloud.delete(DEPLOYMENT, by=ME),
    }
    if does == "409":
        with pytest.raises(Conflict):
            asked[request_]()
        assert DEPLOYMENT not in world.history, "what is refused leaves no event"
        return
    asked[request_]()
    if does.startswith("is a repeat"):
        assert DEPLOYMENT not in world.history
    else:
        assert world.history[DEPLOYMENT]


def test_cancelled_where_it_is_devices_keep_what_they_run_and_nothing_is_left_under_way() -> None:
    cloud = at_work()
    at_it = JobExecution(device_id="dev_002", status="IN_PROGRESS", started=True)
    cloud.world.jobs[wave_job(1)]["dev_002"] = at_it
    assert cloud.cancel(DEPLOYMENT, by=ME).status is DeploymentStatus.CANCELLING
    assert cloud.world.orders == {DEPLOYMENT}
    assert cloud.wind_down(DEPLOYMENT) is DeploymentStatus.CANCELLED
    assert cloud.world.statuses(DEPLOYMENT) == {
        "dev_001": "success",
        "dev_002": "failed",
        "dev_003": "skipped",
        "dev_004": "skipped",
    }
    assert cloud.world.targets[DEPLOYMENT, "dev_002"].reason == "aborted"
    ended = cloud.world.deployments[DEPLOYMENT]
    assert ended.status_reason.startswith(
        "cancelled by me: 1 of 4 targets run version 2, 1 failed, 2 were not reached; rollback"
    )
    assert {f"rolling:{DEPLOYMENT}", f"deploy-wave:{DEPLOYMENT}-wave-1"} <= cloud.world.stopped
    assert all(each.status != "QUEUED" for each in cloud.world.jobs[wave_job(1)].values())
    assert not claimed(cloud)
    assert cloud.world.installs["dev_001", FLOW].version == 2


def test_what_was_cancelled_can_be_rolled_back() -> None:
    cloud = at_work()
    cloud.cancel(DEPLOYMENT, by=ME)
    with pytest.raises(Conflict, match="as soon as it is cancelled"):
        cloud.rollback(DEPLOYMENT, by=ME)
    cloud.wind_down(DEPLOYMENT)
    assert cloud.rollback(DEPLOYMENT, by=ME).status is DeploymentStatus.ROLLING_BACK
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 1
    assert claimed(cloud) == {"dev_001"}


def test_a_late_message_to_wind_down_does_nothing_to_a_rollback() -> None:
    cloud = at_work()
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.wind_down(DEPLOYMENT)
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    assert cloud.wind_down(DEPLOYMENT) is DeploymentStatus.ROLLING_BACK
    assert claimed(cloud) == {"dev_001"}


def test_what_is_pending_is_cancelled_at_once_and_there_is_nothing_to_roll_back() -> None:
    cloud = pending()
    cancelled = cloud.cancel(DEPLOYMENT, by=ME)
    assert (cancelled.status, cancelled.finished_at is None) == (DeploymentStatus.CANCELLED, False)
    assert not cloud.world.orders
    with pytest.raises(Conflict, match="cancelled before it started"):
        cloud.rollback(DEPLOYMENT, by=ME)
    with pytest.raises(Conflict, match="has ended"):
        cloud.start(DEPLOYMENT, by=ME)


def test_a_wave_that_is_dispatched_while_its_deployment_is_cancelled_tells_no_device() -> None:
    cloud = at_work()
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.wind_down(DEPLOYMENT)
    assert wave_job(2) not in cloud.world.jobs


def test_a_plan_that_is_made_while_its_deployment_is_cancelled_leaves_no_claim() -> None:
    cloud = pending()
    cloud.start(DEPLOYMENT, by=ME)
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.wind_down(DEPLOYMENT)
    assert cloud.plan(DEPLOYMENT)["outcome"] == "stopped"
    assert not claimed(cloud)


def test_an_order_that_was_never_given_is_made_good() -> None:
    cloud = at_work()
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.world.orders.clear()
    assert cloud.reconcile().concluded == [DEPLOYMENT]
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.CANCELLED
    assert cloud.reconcile().looked_at == 0


def test_a_resume_that_died_before_it_woke_the_execution_is_made_good() -> None:
    cloud = paused()
    cloud.resume(DEPLOYMENT, by=ME)
    held = cloud.world.deployments[DEPLOYMENT]
    cloud.world.answers.pop("token-p")
    cloud.world.answered_tokens.clear()
    cloud.world.deployments[DEPLOYMENT] = _with_token(held)
    assert cloud.reconcile().answered == [DEPLOYMENT]
    assert cloud.world.answers["token-p"] == {"resumed": True}
    assert cloud.reconcile().total == 0


def _with_token(deployment: Deployment) -> Deployment:
    return replace(deployment, resume_token="token-p")


@pytest.mark.parametrize("status", [*ENDED, DeploymentStatus.ROLLING_BACK])
def test_what_cannot_be_cancelled_says_why(status: DeploymentStatus) -> None:
    cloud = Cloud(running_world(1, status=status))
    if status is DeploymentStatus.CANCELLED:
        assert cloud.cancel(DEPLOYMENT, by=ME) == cloud.world.deployments[DEPLOYMENT]
        return
    with pytest.raises(Conflict, match=f"{status.value.replace('_', '.')}.*nothing is left to cancel"):
        cloud.cancel(DEPLOYMENT, by=ME)


@pytest.mark.parametrize("status", sorted(set(DeploymentStatus) - {DeploymentStatus.RUNNING, DeploymentStatus.PAUSED}))
def test_what_is_not_paused_cannot_be_resumed_and_says_what_can_be_done(status: DeploymentStatus) -> None:
    with pytest.raises(Conflict, match=r"start begins it|create a new one"):
        Cloud(running_world(1, status=status)).resume(DEPLOYMENT, by=ME)


def test_a_start_that_comes_again_never_goes_on_with_what_somebody_paused() -> None:
    cloud = paused()
    with pytest.raises(Conflict, match="resume goes on"):
        cloud.start(DEPLOYMENT, by=ME)
    assert "token-p" not in cloud.world.answers
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.PAUSED


def test_a_start_that_comes_again_wakes_nobody() -> None:
    cloud = at_work()
    before = dict(cloud.world.deployments), list(types(cloud)), dict(cloud.world.executions)
    assert cloud.start(DEPLOYMENT, by=ME) == cloud.world.deployments[DEPLOYMENT]
    assert (dict(cloud.world.deployments), types(cloud), dict(cloud.world.executions)) == before


def test_many_starts_at_once_are_one() -> None:
    cloud = pending()
    assert at_once(lambda: cloud.start(DEPLOYMENT, by=ME)) == {"done": CLICKS}
    assert list(cloud.world.executions) == [f"rolling:{DEPLOYMENT}"]
    assert types(cloud) == ["started"]


@pytest.mark.parametrize("breached", [False, True])
def test_many_resumes_at_once_are_one(breached: bool) -> None:  # noqa: FBT001
    cloud = paused(breached=breached)
    assert at_once(lambda: cloud.resume(DEPLOYMENT, by=ME, accept_failures=True)) == {"done": CLICKS}
    assert types(cloud).count("resumed") == 1
    assert types(cloud).count("breach_accepted") == breached
    assert cloud.world.answers["token-p"] == {"resumed": True}


@pytest.mark.parametrize("world", [pending, at_work, paused])
def test_many_cancels_at_once_are_one(world: Callable[[], Cloud]) -> None:
    cloud = world()
    assert at_once(lambda: cloud.cancel(DEPLOYMENT, by=ME)) == {"done": CLICKS}
    cloud.wind_down(DEPLOYMENT)
    told = types(cloud)
    assert (told.count("cancelled"), told.count("cancel_requested")) == (1, 0 if world is pending else 1)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.CANCELLED


def test_starts_and_cancels_at_once_come_to_one_end_or_the_other() -> None:
    cloud = pending()
    clicks: list[Callable[[], Deployment]] = [
        lambda: cloud.start(DEPLOYMENT, by=ME),
        lambda: cloud.cancel(DEPLOYMENT, by=ME),
    ] * (CLICKS // 2)
    at_once(lambda: clicks.pop()())  # noqa: PLW0108  each click takes the next one
    cloud.wind_down(DEPLOYMENT)
    cloud.plan(DEPLOYMENT)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.CANCELLED
    assert not claimed(cloud)
    assert all(target.status is TargetStatus.SKIPPED for target in cloud.world.targets.values())


def test_what_is_pending_can_be_deleted_by_one_of_many() -> None:
    cloud = pending()
    outcomes = at_once(lambda: cloud.delete(DEPLOYMENT, by=ME))
    assert outcomes["done"] >= 1
    assert set(outcomes) <= {"done", "NotFound"}
    assert DEPLOYMENT not in cloud.world.deployments
    assert types(cloud) == ["cancelled", "deleted"]


def test_what_was_cancelled_before_it_started_can_be_deleted() -> None:
    cloud = pending()
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.delete(DEPLOYMENT, by=ME)
    assert DEPLOYMENT not in cloud.world.deployments


@pytest.mark.parametrize("world", [at_work, paused])
def test_what_has_started_cannot_be_deleted(world: Callable[[], Cloud]) -> None:
    cloud = world()
    with pytest.raises(Conflict, match="has started"):
        cloud.delete(DEPLOYMENT, by=ME)
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.wind_down(DEPLOYMENT)
    with pytest.raises(Conflict, match="has started"):
        cloud.delete(DEPLOYMENT, by=ME)


def test_a_rollout_that_ends_while_it_is_cancelled_was_cancelled() -> None:
    cloud = at_work()
    cloud.cancel(DEPLOYMENT, by=ME)
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.CANCELLING
    assert cloud.wind_down(DEPLOYMENT) is DeploymentStatus.CANCELLED
