"""One record that cannot be read holds up neither the other devices of its deployment nor other deployments."""

from dataclasses import replace

import pytest

from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.errors import CannotBeRead, Conflict, Damaged, NotFound
from edgeflow.domain.jobs import WaveJob
from edgeflow.domain.remains import Remains
from edgeflow.domain.unreadable import Kind
from edgeflow.domain.waves import Wave
from edgeflow.use_cases.rollout.close_wave import CloseCause
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    Cloud,
    deploy_wave,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)
from tests.unit.use_cases.memory_stores import MemoryWaves

pytestmark = pytest.mark.slow

HURT = "dev_002"


def damage_target(cloud: Cloud, *, version_known: bool = True, device_id: str = HURT) -> None:
    """Damage a target's status, and perhaps the version that its device ran before."""
    target = cloud.world.targets[DEPLOYMENT, device_id]
    cloud.world.damaged[DEPLOYMENT, device_id] = replace(
        target,
        status=TargetStatus.DEPLOYING,
        version_before=target.version_before if version_known else None,
        version_before_known=version_known,
        reason="unreadable_record",
    )


def both_deployed() -> Cloud:
    """Return a cloud where both waves of two devices each have succeeded."""
    cloud = Cloud(running_world())
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    deploy_wave(cloud, 2, dev_003="SUCCEEDED", dev_004="SUCCEEDED")
    finish_executions(cloud)
    return cloud


def finish_executions(cloud: Cloud) -> None:
    """Let AWS IoT know of every execution what the devices have reported."""
    for job_id, executions in cloud.world.jobs.items():
        for device_id, execution in executions.items():
            executions[device_id] = replace(execution, status="SUCCEEDED", started=True)
            cloud.world.job_details[job_id, device_id] = {"sequence": "5", "runs_version": "2"}


def test_a_damaged_target_gets_its_job_with_the_others() -> None:
    cloud = Cloud(running_world())
    cloud.plan(DEPLOYMENT)
    damage_target(cloud)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    assert set(cloud.world.jobs[wave_job(1)]) == {"dev_001", HURT}
    for device_id in ("dev_001", HURT):
        cloud.report(device_id, "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.tally_all()
    assert cloud.world.answers["token-1"]["settled"]


def test_a_target_that_is_damaged_while_its_device_is_at_work_is_accounted_for_by_its_job() -> None:
    cloud = Cloud(running_world())
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    damage_target(cloud)
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.report(HURT, "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    finish_executions(cloud)
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    cloud.tally_all()
    assert cloud.world.targets[DEPLOYMENT, HURT].status is TargetStatus.SUCCESS
    assert cloud.world.answers["token-c"]["settled"]


def test_a_rollout_with_a_target_damaged_after_its_end_ends_as_it_went() -> None:
    cloud = both_deployed()
    damage_target(cloud)
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.COMPLETED
    assert not any(install.claimed_by for install in cloud.world.installs.values())


def test_a_rollback_returns_a_damaged_target_with_the_others() -> None:
    cloud = both_deployed()
    damage_target(cloud)
    assert cloud.plan_rollback(rollback_request())["total"] == 4
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    assert set(cloud.world.jobs[return_job(1)]) == {"dev_001", HURT, "dev_003", "dev_004"}


@pytest.mark.parametrize("lost", ["target", "install"])
def test_a_rollback_leaves_alone_what_it_knows_nothing_of_and_names_it(lost: str) -> None:
    cloud = both_deployed()
    if lost == "target":
        damage_target(cloud, version_known=False)
    else:
        cloud.world.unreadable_installs.add((HURT, FLOW))
    cloud.plan_rollback(rollback_request())
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    others = {"dev_001", "dev_003", "dev_004"}
    assert set(cloud.world.jobs[return_job(1, 1 if lost == "target" else 0)]) == others
    for device_id in others:
        job = return_job(1, 1 if lost == "target" else 0)
        cloud.report(device_id, "SUCCEEDED", job_id=job, runs_version="1", sequence="9")
    cloud.tally_all()
    assert cloud.world.answers["token-r"]["settled"]
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.FAILED
    reason = cloud.world.deployments[DEPLOYMENT].status_reason
    assert f"1 device did not return to the version before: {HURT}" in reason
    assert f"nobody can tell what {HURT} ran before" in reason


def test_a_plan_that_is_damaged_for_one_device_returns_the_others() -> None:
    cloud = both_deployed()
    cloud.plan_rollback(rollback_request())
    key = DEPLOYMENT, 1, HURT
    cloud.world.returns[key] = replace(cloud.world.returns[key], version_before=None, known=False)
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    assert set(cloud.world.jobs[return_job(1)]) == {"dev_001", "dev_003", "dev_004"}
    assert cloud.world.targets[DEPLOYMENT, HURT].status is TargetStatus.ROLLBACK_FAILED


def test_a_device_of_which_nobody_can_tell_what_it_runs_fails_alone() -> None:
    cloud = Cloud(running_world())
    cloud.world.unreadable_installs.add((HURT, FLOW))
    assert cloud.plan(DEPLOYMENT)["outcome"] == "planned"
    hurt = cloud.world.targets[DEPLOYMENT, HURT]
    assert (hurt.status, hurt.reason) == (TargetStatus.FAILED, "unreadable_record")
    assert cloud.world.targets[DEPLOYMENT, "dev_001"].status is TargetStatus.PENDING


def test_a_deployment_that_cannot_be_read_holds_its_devices_until_it_is_deleted() -> None:
    cloud = Cloud(running_world())
    cloud.plan(DEPLOYMENT)
    later = replace(cloud.world.deployments[DEPLOYMENT], id="dep_later")
    cloud.world.deployments["dep_later"] = later
    cloud.world.manifests["dep_later"] = cloud.world.manifests[DEPLOYMENT]
    cloud.world.unreadable.add((Kind.DEPLOYMENT, DEPLOYMENT))
    assert cloud.plan("dep_later")["outcome"] == "refused"
    cloud.delete(DEPLOYMENT, by=ME)
    cloud.world.deployments["dep_later"] = later
    assert cloud.plan("dep_later")["outcome"] == "planned"


def test_a_wave_that_cannot_be_read_ends_its_deployment_with_a_reason() -> None:
    cloud = Cloud(running_world())
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.world.unreadable.add((Kind.WAVE, "00001"))
    with pytest.raises(CannotBeRead):
        cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    assert cloud.world.cancelled == {wave_job(1)}
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.BROKEN, cause="x") is DeploymentStatus.FAILED


def test_a_retry_goes_to_those_of_whom_nobody_knows_that_they_succeeded() -> None:
    cloud = both_deployed()
    failed = replace(cloud.world.deployments[DEPLOYMENT], status=DeploymentStatus.FAILED)
    cloud.world.deployments[DEPLOYMENT] = failed
    damage_target(cloud)
    assert cloud.world.manifests[cloud.retry(DEPLOYMENT, by=ME).id] == [HURT]


def test_the_safety_net_mends_the_others() -> None:
    cloud = Cloud(running_world())
    found = cloud.world.deployments[DEPLOYMENT]
    bad, stuck = replace(found, id="dep_bad"), replace(found, started_at="2026-02-21T11:00:00.000Z")
    cloud.world.deployments |= {"dep_bad": bad, DEPLOYMENT: stuck}
    cloud.world.unreadable.add((Kind.DEPLOYMENT, "dep_bad"))
    repairs = cloud.reconcile()
    assert (repairs.started, repairs.unreadable) == ([DEPLOYMENT], ["dep_bad"])


class WavesOfABadToken(MemoryWaves):
    """AWS refuses what is kept of the waves of one deployment."""

    def get(self, deployment_id: str, name: str) -> Wave | None:
        """Return any other wave."""
        if deployment_id == "dep_bad":
            message = "Step Functions cannot read a task token"
            raise Damaged(message)
        return super().get(deployment_id, name)


def test_the_safety_net_mends_the_others_where_aws_refuses_a_token() -> None:
    world = running_world()
    cloud = Cloud(world, waves=WavesOfABadToken(world))
    found = world.deployments[DEPLOYMENT]
    bad = replace(found, id="dep_bad", execution_started=True)
    world.deployments |= {"dep_bad": bad, DEPLOYMENT: replace(found, started_at="2026-02-21T11:00:00.000Z")}
    repairs = cloud.reconcile()
    assert (repairs.started, repairs.unreadable) == ([DEPLOYMENT], ["dep_bad"])


def test_of_what_has_started_only_what_cannot_be_read_is_deleted() -> None:
    cloud = Cloud(running_world())
    cloud.plan(DEPLOYMENT)
    with pytest.raises(Conflict, match="has started"):
        cloud.delete(DEPLOYMENT, by=ME)
    with pytest.raises(NotFound):
        cloud.delete("dep_none", by=ME)


def test_a_deleted_deployment_leaves_nothing_at_work() -> None:
    cloud = Cloud(running_world())
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.world.unreadable.add((Kind.DEPLOYMENT, DEPLOYMENT))
    cloud.delete(DEPLOYMENT, by=ME)
    assert {execution.status for execution in cloud.world.jobs[wave_job(1)].values()} == {"CANCELED"}
    assert f"rolling:{DEPLOYMENT}" in cloud.world.stopped
    assert not any(install.claimed_by for install in cloud.world.installs.values())
    assert DEPLOYMENT not in cloud.world.deployments
    assert not cloud.world.targets
    assert [event.type for event in cloud.world.history[DEPLOYMENT]][-1] == "deleted"


def test_the_jobs_that_there_may_be_are_those_of_the_last_wave_the_next_one_and_the_last_rollback() -> None:
    remains = Remains(
        deployment_id=DEPLOYMENT, planned={1: 201, 2: 1, 3: 100}, current_wave=2, rollbacks=1, returns={0: 101}
    )
    assert [job.id for job in remains.jobs()] == [
        wave_job(2),
        wave_job(3),
        return_job(1),
        return_job(1).removesuffix("0000") + "0001",
    ]
    switching = Remains(deployment_id=DEPLOYMENT, planned={1: 150}, current_wave=1)
    assert [(job.wave, job.chunk) for job in switching.jobs() if isinstance(job, WaveJob)] == [
        (1, 0),
        (1, 1),
        (2, 0),
        (2, 1),
    ]
