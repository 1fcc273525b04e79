"""Taking a flow off its devices: by each strategy, what it asks of whom, and how it goes back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.job import JobDocument, Operation
from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.absences import Absence
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.devices import Presence
from edgeflow.domain.errors import Conflict
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.devices.ports import Install
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    DROP_OFF,
    FLOW,
    ME,
    WATCH,
    Cloud,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)
from tests.unit.use_cases.memory import MOMENT

OTHER_FLOW = "flow_2"


def removal(
    devices: int = 4, *, strategy: Strategy = Strategy.ROLLING, version_before: int | None = 1, threshold: int = 20
) -> Cloud:
    """Return a cloud with a planned removal; of a rolling one, batches have two devices."""
    world = running_world(devices, strategy=strategy, version_before=version_before, threshold=threshold, removes=True)
    if strategy is not Strategy.ROLLING:
        found = world.deployments[DEPLOYMENT]
        world.deployments[DEPLOYMENT] = replace(
            found, rules=replace(found.rules, failure_threshold=0, canary_percentage=25)
        )
    return planned(Cloud(world))


def planned(cloud: Cloud) -> Cloud:
    assert cloud.plan(DEPLOYMENT)["outcome"] == "planned"
    return cloud


def report_of(*flow_ids: str, version: int = 1, live: bool = True, health: Health = Health.HEALTHY) -> HealthReport:
    """Return a report that names these flows."""
    flows = [
        FlowHealth(
            flow_id=each, version=version, sha256="1" * 64, slot=Slot.BLUE, live=live, health=health, since=MOMENT
        )
        for each in flow_ids
    ]
    return HealthReport(sent_at=MOMENT, sequence=9, agent_version="1", flows=tuple(flows))


def remove_wave(cloud: Cloud, wave: int, *, sequence: str = "5") -> JobDocument | None:
    """Dispatch a wave, let each device that got a job say that the flow is gone, count; returns the order."""
    cloud.dispatch(DEPLOYMENT, wave, f"token-{wave}")
    for device in list(cloud.world.jobs.get(wave_job(wave), {})):
        cloud.report(device, "SUCCEEDED", job_id=wave_job(wave), sequence=sequence)
    cloud.tally_all()
    return cloud.world.documents.get(wave_job(wave))


@pytest.mark.parametrize("strategy", Strategy)
def test_every_strategy_takes_the_flow_off_all_its_targets(strategy: Strategy) -> None:
    cloud = removal(strategy=strategy)
    orders = [remove_wave(cloud, wave) for wave in range(1, cloud.world.deployments[DEPLOYMENT].waves + 1)]
    given = [order for order in orders if order is not None]
    assert {order.operation for order in given} == {Operation.REMOVE}
    assert {(order.version, order.artifact, order.health_check) for order in given} == {(None, None, None)}
    assert all(order.watch is not None for order in given), "who is to show that the flow is gone has to report"
    asked = [device for job in cloud.world.jobs.values() for device in job]
    assert sorted(asked) == sorted({device for _, device in cloud.world.targets}), "each once"
    assert set(cloud.world.statuses(DEPLOYMENT).values()) == {"success"}
    assert {install.version for install in cloud.world.installs.values()} == {None}
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.COMPLETED
    assert cloud.world.deployments[DEPLOYMENT].status_reason == "all 4 targets are without the flow"


def test_a_blue_green_removal_stages_nothing_and_removes_at_the_switch() -> None:
    cloud = removal(strategy=Strategy.BLUE_GREEN)
    assert remove_wave(cloud, 1) is None
    assert set(cloud.world.statuses(DEPLOYMENT).values()) == {"staged"}
    assert (cloud.world.answers["token-1"]["succeeded"], cloud.world.answers["token-1"]["settled"]) == (4, True)
    cloud.now = MOMENT + 10 * WATCH  # nothing was asked of anybody, so nobody owes a report
    assert remove_wave(cloud, 2) is not None
    assert set(cloud.world.statuses(DEPLOYMENT).values()) == {"success"}


def test_a_blue_green_removal_that_is_rolled_back_before_the_switch_touched_nobody() -> None:
    cloud = removal(strategy=Strategy.BLUE_GREEN)
    remove_wave(cloud, 1)
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 0
    assert set(cloud.world.statuses(DEPLOYMENT).values()) == {"skipped"}


@pytest.mark.parametrize("strategy", Strategy)
def test_a_rollback_puts_back_the_version_that_each_device_ran_before(strategy: Strategy) -> None:
    world = running_world(3, strategy=strategy, removes=True, batch_size=3)
    world.installs["dev_002", FLOW] = Install(device_id="dev_002", version=2, deployment_id="dep_0")
    cloud = planned(Cloud(world))
    for wave in range(1, cloud.world.deployments[DEPLOYMENT].waves + 1):
        remove_wave(cloud, wave)
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 3
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    for group, (version, devices) in enumerate([(1, {"dev_001", "dev_003"}), (2, {"dev_002"})]):
        order = cloud.world.documents[return_job(1, group)]
        assert (order.operation, order.version) == (Operation.APPLY, version), "no slot has it any more"
        assert order.artifact is not None
        assert set(cloud.world.jobs[return_job(1, group)]) == devices
        for device in devices:
            cloud.report(device, "SUCCEEDED", job_id=return_job(1, group), runs_version=str(version), sequence="9")
    cloud.tally_all()
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.ROLLED_BACK
    assert {device: install.version for (device, _), install in cloud.world.installs.items()} == {
        "dev_001": 1,
        "dev_002": 2,
        "dev_003": 1,
    }


def test_a_breach_in_the_middle_returns_those_that_were_removed() -> None:
    cloud = removal()
    remove_wave(cloud, 1)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.report("dev_003", "FAILED", job_id=wave_job(2), reason="unhealthy", runs_version="1")
    cloud.tally_all()
    assert cloud.world.answers["token-2"]["breached"] is True
    assert cloud.plan_rollback(rollback_request())["total"] == 2  # dev_003 says that it runs version 1
    assert cloud.world.statuses(DEPLOYMENT)["dev_003"] == "rolled_back"


def test_devices_without_the_flow_are_a_success_at_once_and_nothing_is_asked_of_them() -> None:
    world = running_world(4, removes=True)
    del world.installs["dev_001", FLOW]
    world.installs["dev_003", FLOW] = Install(device_id="dev_003", version=None, deployment_id="dep_0")
    cloud = planned(Cloud(world))
    for device in ("dev_001", "dev_003"):
        target = world.targets[DEPLOYMENT, device]
        assert (target.status, target.reason) == (TargetStatus.SUCCESS, "not_installed")
    remove_wave(cloud, 1)
    remove_wave(cloud, 2)
    assert [sorted(world.jobs[wave_job(wave)]) for wave in (1, 2)] == [["dev_002"], ["dev_004"]]
    assert (world.answers["token-1"]["total"], world.answers["token-1"]["succeeded"]) == (2, 2)
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.COMPLETED
    reason = world.deployments[DEPLOYMENT].status_reason
    assert reason == "all 4 targets are without the flow; 2 did not have it before"
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 2
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    assert sorted(world.jobs[return_job(1, 1)]) == ["dev_002", "dev_004"]
    for device in ("dev_002", "dev_004"):
        cloud.report(device, "SUCCEEDED", job_id=return_job(1, 1), runs_version="1", sequence="9")
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.ROLLED_BACK
    assert world.statuses(DEPLOYMENT)["dev_001"] == "success"


@pytest.mark.parametrize("strategy", Strategy)
def test_where_nobody_has_the_flow_no_job_is_made_and_a_rollback_is_refused(strategy: Strategy) -> None:
    cloud = removal(strategy=strategy, version_before=None)
    for wave in range(1, cloud.world.deployments[DEPLOYMENT].waves + 1):
        remove_wave(cloud, wave)
        assert cloud.world.answers[f"token-{wave}"]["settled"] is True
    assert cloud.world.jobs == {}
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.COMPLETED
    with pytest.raises(Conflict, match="no device was changed"):
        cloud.rollback(DEPLOYMENT, by=ME)


@pytest.mark.parametrize("live", [True, False])
def test_a_device_that_says_it_has_the_flow_is_asked_whatever_our_records_say(*, live: bool) -> None:
    world = running_world(1, removes=True, version_before=None)
    world.reports["dev_001"] = report_of(FLOW, live=live)
    planned(Cloud(world))
    assert world.targets[DEPLOYMENT, "dev_001"].status is TargetStatus.PENDING


def test_a_device_that_reports_other_flows_alone_has_nothing_to_remove() -> None:
    world = running_world(1, removes=True, version_before=None)
    world.reports["dev_001"] = report_of(OTHER_FLOW)
    planned(Cloud(world))
    assert world.targets[DEPLOYMENT, "dev_001"].status is TargetStatus.SUCCESS


def test_a_job_that_succeeded_and_left_the_flow_there_has_failed() -> None:
    cloud = removal(1)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), holds_version="1", runs_version="1")
    target = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert (target.status, target.reason) == (TargetStatus.FAILED, "not_removed")
    assert cloud.world.installs["dev_001", FLOW].version == 1


def waited(cloud: Cloud) -> Cloud:
    """Let the first wave succeed and the wait after it be over; two reports were due since."""
    found = cloud.world.deployments[DEPLOYMENT]
    cloud.world.deployments[DEPLOYMENT] = replace(found, rules=replace(found.rules, batch_delay_seconds=120))
    remove_wave(cloud, 1)
    cloud.watch.begin(DEPLOYMENT, "token-w")
    cloud.now = MOMENT + timedelta(seconds=120)
    return cloud


def test_the_next_wave_begins_when_all_of_the_wave_before_report_without_the_flow() -> None:
    cloud = waited(removal())
    for device in ("dev_001", "dev_002"):
        cloud.world.reports[device], cloud.world.reported_at[device] = report_of(OTHER_FLOW), cloud.now
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert wave_job(2) in cloud.world.jobs


@pytest.mark.parametrize("report", [None, report_of(FLOW)])
def test_who_does_not_show_that_the_flow_is_gone_fails_and_the_next_wave_does_not_begin(
    report: HealthReport | None,
) -> None:
    cloud = waited(removal())
    cloud.world.reports["dev_001"], cloud.world.reported_at["dev_001"] = report_of(OTHER_FLOW), cloud.now
    if report is not None:
        cloud.world.reports["dev_002"], cloud.world.reported_at["dev_002"] = report, cloud.now
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert cloud.world.targets[DEPLOYMENT, "dev_002"].reason == "silent"
    assert wave_job(2) not in cloud.world.jobs


def test_who_had_nothing_to_remove_owes_no_sign_of_life() -> None:
    world = running_world(4, removes=True)
    for device in ("dev_001", "dev_002"):
        del world.installs[device, FLOW]
    cloud = waited(planned(Cloud(world)))
    gone = Presence(device_id="dev_001", connected=False, connection=1, at_ms=int(MOMENT.timestamp() * 1_000))
    cloud.ingest_presence(gone)
    cloud.now = MOMENT + DROP_OFF
    assert cloud.watch_absence(Absence.since(gone)) == []
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert wave_job(2) in cloud.world.jobs


def test_who_drops_off_after_the_flow_was_removed_fails_as_after_a_deployment() -> None:
    cloud = waited(removal())
    gone = Presence(device_id="dev_001", connected=False, connection=1, at_ms=int(MOMENT.timestamp() * 1_000))
    cloud.ingest_presence(gone)
    cloud.now = MOMENT + DROP_OFF
    assert cloud.watch_absence(Absence.since(gone)) == [DEPLOYMENT]


def test_other_flows_of_the_device_that_are_ill_fail_nobody() -> None:
    cloud = waited(removal())
    assert cloud.fail_late("dev_001", report_of(OTHER_FLOW, health=Health.UNHEALTHY)) == []


def test_a_retry_removes_from_those_that_failed() -> None:
    cloud = removal(2, threshold=50)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1))
    cloud.report("dev_002", "FAILED", job_id=wave_job(1), reason="interrupted", runs_version="1")
    cloud.tally_all()
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.FAILED
    retry = cloud.retry(DEPLOYMENT, by=ME)
    assert (retry.action.value, retry.version) == ("remove", None)
    assert cloud.world.manifests[retry.id] == ["dev_002"]
    assert cloud.plan(retry.id)["outcome"] == "planned"
    assert cloud.world.targets[retry.id, "dev_002"].version_before == 1


def test_a_deployment_of_the_flow_holds_its_devices_against_a_removal() -> None:
    world = running_world(1, removes=True)
    world.deployments["dep_2"] = replace(world.deployments[DEPLOYMENT], id="dep_2", artifact=world.versions[FLOW, 2])
    world.installs["dev_001", FLOW] = replace(world.installs["dev_001", FLOW], claimed_by="dep_2")
    cloud = Cloud(world)
    assert cloud.plan(DEPLOYMENT)["outcome"] == "refused"
    assert "dep_2" in world.deployments[DEPLOYMENT].status_reason


BEFORE = st.lists(st.sampled_from([None, 1, 2]), min_size=1, max_size=6)
"""What each device runs before; None: it does not have the flow."""
ANSWERS = st.lists(st.sampled_from(["SUCCEEDED", "FAILED", "says nothing"]), min_size=6, max_size=6)


@given(before=BEFORE, answers=ANSWERS, strategy=st.sampled_from(Strategy), waves=st.integers(0, 3))
@pytest.mark.slow
def test_whatever_is_removed_from_whom_and_however_far_it_came_a_rollback_leaves_each_device_as_it_was(
    before: list[int | None], answers: list[str], strategy: Strategy, waves: int
) -> None:
    world = running_world(len(before), strategy=strategy, version_before=None, removes=True)
    runs = {f"dev_{place:03d}": version for place, version in enumerate(before, start=1)}
    for device, version in runs.items():
        world.installs[device, FLOW] = Install(device_id=device, version=version, deployment_id="dep_0")
    cloud = planned(Cloud(world))
    for wave in range(1, min(waves, world.deployments[DEPLOYMENT].waves) + 1):
        cloud.dispatch(DEPLOYMENT, wave, f"token-{wave}")
        for device in list(world.jobs.get(wave_job(wave), {})):
            answer = answers[int(device[-3:]) - 1]
            if answer == "SUCCEEDED":
                cloud.report(device, answer, job_id=wave_job(wave))
            elif answer == "FAILED":
                kept = str(runs[device])
                cloud.report(device, answer, job_id=wave_job(wave), runs_version=kept, reason="interrupted")
    asked = [device for job in world.jobs.values() for device in job]
    assert len(asked) == len(set(asked)), "nobody is asked twice"
    assert all(runs[device] is not None for device in asked), "who has nothing is asked nothing"
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    for job_id in [job_id for job_id in world.jobs if "-r001-" in job_id]:
        for device in list(world.jobs[job_id]):
            back = str(world.documents[job_id].version)  # nobody who had nothing is sent anything
            cloud.report(device, "SUCCEEDED", job_id=job_id, sequence="9", runs_version=back)
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.ROLLED_BACK
    assert {device: world.installs[device, FLOW].version for device in runs} == runs
    for device, version in runs.items():
        target = world.targets[DEPLOYMENT, device]
        assert target.had_nothing is (version is None)
        assert target.status in {
            TargetStatus.SUCCESS,
            TargetStatus.ROLLED_BACK,
            TargetStatus.SKIPPED,
            TargetStatus.FAILED,
        }
