"""Taking devices out of the fleet, and what must be left behind by a run in which nothing went wrong: nothing."""

from http import HTTPStatus
from typing import Final

from deployed.probe import Probe
from deployed.waiting import eventually
from smoke.runner import Step, expect
from smoke.steps.access import DEVICES, TOKEN
from smoke.world import World

_SAFETY_NET: Final = "reconcile"
_MENDS: Final = ("started", "concluded", "answered")


def steps(world: World) -> list[Step]:
    """Return the last steps."""
    return [
        Step("device removal", lambda: _remove(world), needs=(DEVICES,)),
        Step("dead-letter queues", lambda: _dead_letters(world), needs=(TOKEN,)),
        Step("repairs", lambda: _repairs(world), needs=(TOKEN,)),
    ]


def _remove(world: World) -> str:
    world.fleet.stop()
    registered = [
        str(each["device_id"]) for each in world.operator.rest.every("devices", f"/devices?text=smoke_{world.run}")
    ]
    for name in registered:
        eventually(lambda each=name: _is_removed(world, each), seconds=world.patience, what=f"{name} is removed")  # type: ignore[misc]
    with Probe(world.fleet.config(world.devices[0])) as probe:
        expect(probe.connected != 0, f"{world.devices[0]} is removed, and connects")
    return f"{len(registered)} devices are gone, and connect no more"


def _is_removed(world: World, device_id: str) -> bool:
    gone = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND}
    return world.operator.rest.send("DELETE", f"/devices/{device_id}").status_code in gone


def _dead_letters(world: World) -> str:
    counted = world.count_dead_letters()
    more = {name: count for name, count in counted.items() if count > world.dead_letters.get(name, 0)}
    expect(not more, f"messages that nobody could work on: {more}")
    return f"{len(counted)} queues, nothing new in them"


def _repairs(world: World) -> str:
    told = world.stack.reconcile()
    mended = {each for key in _MENDS for each in told[key]} & {*world.deployments}
    expect(not mended and not told["reports"], f"it mends what events had not told: {told}")
    by_net = [each for each in world.deployments if _was_mended(world, each)]
    expect(not by_net, f"it had mended {by_net}, as their histories tell")
    return f"0 for {len(world.deployments)} deployments"


def _was_mended(world: World, deployment_id: str) -> bool:
    return any(event.actor.name == _SAFETY_NET for event in world.operator.events(deployment_id))
