"""Rollouts: every strategy, a breach, and what operators do in one."""

from typing import Any, Final

from deployed.flows import NEEDS_DHT11
from deployed.waiting import eventually
from edgeflow.contract.job import JobDocument, Operation
from edgeflow.contract.reasons import Reason
from smoke.runner import Step, expect
from smoke.steps.access import DEVICES
from smoke.world import World

FIRST: Final = "all_at_once"
_OPEN: Final = frozenset({"QUEUED", "IN_PROGRESS"})
_THROUGH: Final = frozenset({"success", "staged"})


def steps(world: World) -> list[Step]:
    """Return every strategy, then what goes another way."""
    return [
        Step(FIRST, lambda: _deploys(world, "all_at_once"), needs=(DEVICES,)),
        Step("rolling, with pause and resume", lambda: _pause_and_resume(world), needs=(FIRST,)),
        Step("canary", lambda: _deploys(world, "canary", canary_percentage=34, canary_delay="0s"), needs=(FIRST,)),
        Step("blue_green", lambda: _deploys(world, "blue_green", switch_delay="0s"), needs=(FIRST,)),
        Step("an operator's rollback", lambda: _operator_rolls_back(world), needs=("blue_green",)),
        Step("a breach, which rolls back", lambda: _breach(world), needs=(FIRST,)),
        Step("an order that nobody signed", lambda: _unsigned(world), needs=(FIRST,)),
        Step("a device back while its job is cancelled", lambda: _back_while_cancelled(world), needs=(FIRST,)),
    ]


def _deploys(world: World, strategy: str, **config: object) -> str:
    version = world.publish()
    ended = world.until(world.begin(world.devices, strategy, **config), "completed")
    world.until_running(version)
    return f"version {version} on {ended['completed_targets']} devices, {ended['waves']} waves"


def _operator_rolls_back(world: World) -> str:
    version = world.versions
    world.operator.rollback(world.deployments[-1])
    world.operator.until(world.deployments[-1], {"rolled_back"}, seconds=world.patience)
    world.until_running(version - 1)
    return f"version {version - 1} runs again"


def _breach(world: World) -> str:
    before = _settle(world)
    world.publish(NEEDS_DHT11)
    first, last = world.devices[:2]
    deployment_id = world.begin([first, world.ill, last], "rolling", batch_size=1)
    world.until(deployment_id, "rolled_back")
    statuses = world.operator.statuses(deployment_id)
    expect(statuses[last] == "skipped", f"the wave after the breach was begun: {statuses}")
    world.until_running(before)
    return f"version {before} runs everywhere, and the last wave never began"


def _unsigned(world: World) -> str:
    """Have a job created by somebody who may do that and cannot sign: this program, by the caller's credentials."""
    before = _settle(world)
    device, iot, job_id = world.devices[0], world.stack.client("iot"), f"smoke_{world.run}_unsigned"
    remove = JobDocument(operation=Operation.REMOVE, deployment_id=world.deployments[-1], flow_id=world.flow_id)
    iot.create_job(
        jobId=job_id,
        targets=[iot.describe_thing(thingName=device)["thingArn"]],
        document=remove.model_dump_json(by_alias=True, exclude_none=True),
    )
    try:
        ended: dict[str, Any] = {}

        def has_ended() -> bool:
            ended.update(iot.describe_job_execution(jobId=job_id, thingName=device)["execution"])
            return ended["status"] not in _OPEN

        eventually(has_ended, seconds=world.patience, what=f"{device} has answered")
    finally:
        iot.delete_job(jobId=job_id, force=True)
    reason = ended.get("statusDetails", {}).get("detailsMap", {}).get("reason")
    expect((ended["status"], reason) == ("REJECTED", Reason.ORDER_UNTRUSTED), f"it ended {ended['status']}: {reason}")
    world.until_running(before)
    return f"{device} rejects it, and version {before} goes on"


def _pause_and_resume(world: World) -> str:
    version = world.publish()
    deployment_id = world.begin(world.devices, "rolling", batch_size=2)
    eventually(
        lambda: world.operator.read(deployment_id)["current_wave"] == 1,
        seconds=world.patience,
        what="the first wave is dispatched",
    )
    world.operator.pause(deployment_id)
    eventually(
        lambda: all(world.operator.statuses(deployment_id).get(each) in _THROUGH for each in world.devices[:2]),
        seconds=world.patience,
        what="who was told has finished",
    )
    shown = world.operator.read(deployment_id)["status"], world.operator.statuses(deployment_id)[world.ill]
    expect(shown == ("paused", "pending"), f"paused, it goes on: {shown}")
    world.operator.resume(deployment_id)
    world.until(deployment_id, "completed")
    world.until_running(version)
    return f"version {version} on {len(world.devices)} devices, and the second wave waited for the resume"


def _back_while_cancelled(world: World) -> str:
    before = _settle(world)
    world.publish()
    quick, late = world.devices[:2]
    world.fleet.stop([late])
    deployment_id = world.begin([quick, late], "all_at_once")
    eventually(
        lambda: world.operator.statuses(deployment_id) == {quick: "success", late: "deploying"},
        seconds=world.patience,
        what=f"nothing but {late} is waited for",
    )
    world.operator.rollback(deployment_id)
    world.start(late)
    world.operator.until(deployment_id, {"rolled_back"}, seconds=world.patience)
    world.until_running(before, [quick, late])
    return f"version {before} runs on it, and on the other one"


def _settle(world: World) -> int:
    """Bring all devices to one version, whatever the steps before have left; returns it."""
    running = set(world.fleet.running(world.flow_id).values())
    if len(running) == 1 and (only := running.pop()) is not None:
        return only
    version = world.publish()
    world.until(world.begin(world.devices, "all_at_once"), "completed")
    return version
