"""Ending a deployment: its claims first, then its status, once."""

from dataclasses import replace

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import CannotBeRead
from edgeflow.domain.unreadable import Kind
from edgeflow.use_cases.rollout.claims import Claims
from edgeflow.use_cases.rollout.finish_deployment import FinishDeployment
from tests.support.history import ENTRY
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, Cloud, running_world
from tests.unit.use_cases.memory import World, unreadable
from tests.unit.use_cases.memory_aws import MemoryManifests
from tests.unit.use_cases.memory_stores import MemoryDeployments
from tests.unit.use_cases.memory_targets import MemoryInstalls

RUNNING, FAILED = DeploymentStatus.RUNNING, DeploymentStatus.FAILED


class Damaged(MemoryManifests):
    """The list of targets cannot be read."""

    def read(self, deployment_id: str) -> list[str]:
        raise CannotBeRead(unreadable(Kind.MANIFEST, deployment_id, deployment_id))


def finish(world: World, manifests: MemoryManifests | None = None) -> DeploymentStatus:
    deployments = MemoryDeployments(world)
    return FinishDeployment(
        deployments, manifests or MemoryManifests(world), Claims(deployments, MemoryInstalls(world))
    )(
        world.deployments[DEPLOYMENT],
        [target for (owner, _), target in world.targets.items() if owner == DEPLOYMENT],
        allowed={RUNNING},
        to=FAILED,
        reason="over",
        entry=ENTRY,
    )


def claims(world: World) -> set[str | None]:
    return {install.claimed_by for install in world.installs.values()}


def test_claims_of_devices_that_have_no_target_yet_are_given_up_as_well() -> None:
    world = running_world(2)
    world.installs = {key: replace(each, claimed_by=DEPLOYMENT) for key, each in world.installs.items()}
    assert finish(world) is FAILED
    assert claims(world) == {None}


def test_a_list_that_cannot_be_read_holds_no_end_up() -> None:
    world = running_world(2)
    Cloud(world).plan(DEPLOYMENT)
    assert claims(world) == {DEPLOYMENT}
    assert finish(world, Damaged(world)) is FAILED
    assert claims(world) == {None}


def test_what_somebody_else_has_ended_stays_as_it_ended_and_claims_of_others_stay() -> None:
    world = running_world(1)
    world.deployments[DEPLOYMENT] = replace(world.deployments[DEPLOYMENT], status=DeploymentStatus.CANCELLED)
    world.installs["dev_001", FLOW] = replace(world.installs["dev_001", FLOW], claimed_by="dep_9")
    assert finish(world) is DeploymentStatus.CANCELLED
    assert claims(world) == {"dep_9"}
    assert world.history == {}
