"""Orders to devices, and jobs for those of them that exist."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from edgeflow.contract.job import Operation
from edgeflow.domain.deployments import Deployment
from edgeflow.domain.errors import NotFound
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.rollout.create_jobs import CreateJobs
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, WATCH, running_world, wave_job
from tests.unit.use_cases.memory import MOMENT, World
from tests.unit.use_cases.memory_aws import MemoryJobs


def creating(world: World) -> CreateJobs:
    return CreateJobs(MemoryJobs(world), 30, WATCH, lambda: MOMENT)


def deployment(world: World, strategy: Strategy = Strategy.ROLLING, **changes: object) -> Deployment:
    return replace(world.deployments[DEPLOYMENT], strategy=strategy, **changes)  # type: ignore[arg-type]


def test_devices_that_are_gone_are_told_of_and_the_others_get_their_job() -> None:
    world = running_world(3)
    world.registered.remove("dev_002")
    create = creating(world)
    document = create.deploy(deployment(world), 1)
    gone: list[str] = []
    for _ in range(2):
        create.create(wave_job(1), ["dev_001", "dev_002", "dev_003"], document, gone=gone.append)
    assert gone == ["dev_002", "dev_002"]
    assert list(world.jobs[wave_job(1)]) == ["dev_001", "dev_003"]


def test_where_all_are_gone_there_is_no_job() -> None:
    world = running_world(1)
    world.registered.clear()
    gone: list[str] = []
    create = creating(world)
    create.create(wave_job(1), ["dev_001"], create.remove(deployment(world)), gone=gone.append)
    assert (gone, world.jobs) == (["dev_001"], {})


def test_something_else_that_is_missing_is_no_device_s_fault() -> None:
    class Lost(MemoryJobs):
        """Misses something, and has a thing for every device."""

        def missing(self, device_ids: Iterable[str]) -> list[str]:
            assert list(device_ids) == ["dev_001"]
            return []

    world = running_world(1)
    world.registered.clear()
    create = CreateJobs(Lost(world), 30, WATCH, lambda: MOMENT)
    with pytest.raises(NotFound):
        create.create(wave_job(1), ["dev_001"], create.remove(deployment(world)), gone=pytest.fail)


@pytest.mark.parametrize(
    ("strategy", "wave", "operation", "with_artifact"),
    [
        (Strategy.ROLLING, 1, Operation.APPLY, True),
        (Strategy.CANARY, 2, Operation.APPLY, True),
        (Strategy.BLUE_GREEN, 1, Operation.STAGE, True),
        (Strategy.BLUE_GREEN, 2, Operation.ACTIVATE, False),
    ],
)
def test_each_strategy_orders_what_its_wave_is_for(
    strategy: Strategy, wave: int, operation: Operation, *, with_artifact: bool
) -> None:
    world = running_world(1)
    order = creating(world).deploy(deployment(world, strategy), wave)
    assert (order.operation, order.version, order.artifact is not None) == (operation, 2, with_artifact)
    assert order.health_check is not None
    assert order.health_check.window_seconds == 30
    assert order.watch is not None
    assert timedelta(seconds=order.watch.every_seconds) == WATCH


def test_the_way_back_checks_no_health_and_switches_only_where_the_other_slot_has_the_version() -> None:
    world = running_world(1)
    create, before = creating(world), world.versions[FLOW, 1]
    back = create.give_back(deployment(world), before)
    assert (back.operation, back.version, back.health_check, back.clear_standby) == (Operation.APPLY, 1, None, False)
    switched = create.give_back(deployment(world, Strategy.BLUE_GREEN), before)
    assert (switched.operation, switched.clear_standby) == (Operation.ACTIVATE, True)
    assert switched.artifact is not None, "for a device that has lost that slot"
    removed = create.give_back(deployment(world, Strategy.BLUE_GREEN, artifact=None), before)
    assert (removed.operation, removed.clear_standby) == (Operation.APPLY, False)
