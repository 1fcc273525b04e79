"""One story a strategy: what it does with a version that is good, and with one that is not."""

import time
from collections.abc import Callable
from typing import Any, Final

from localcloud.demo.stage import (
    BAD_MODEL,
    BETTER,
    FALLS_ILL,
    FALLS_ILL_SECONDS,
    NOT_HEALTHY_WITH_IT,
    WANTS_DHT11,
    Stage,
)

BATCH_SIZE: Final = 5
BATCH_DELAY: Final = "3s"
SHORT_DELAY: Final = "3s"
LONG_DELAY: Final = "10m"
TIMEOUT: Final = "40s"

Telling = Callable[[Stage], dict[str, Any]]
"""Plays a story on a stage; returns its last deployment."""


def all_at_once(stage: Stage) -> dict[str, Any]:
    """The good version reaches every device in one wave; a bad one goes back from all of them."""
    flow_id = stage.flow()
    stage.story.tell(f"\nall_at_once: version 1 goes to {len(stage.devices)} devices in one wave")
    _completes(stage, stage.deploy(flow_id, "all_at_once", timeout=TIMEOUT))
    stage.check_all_run(flow_id, 1)
    stage.next_version(flow_id, WANTS_DHT11)
    stage.story.tell(f"\nVersion 2 wants a {BAD_MODEL} sensor, which {len(NOT_HEALTHY_WITH_IT)} devices do not have")
    ended = _rolls_back(stage, stage.deploy(flow_id, "all_at_once", timeout=TIMEOUT))
    stage.check_all_run(flow_id, 1, again=True)
    return ended


def rolling(stage: Stage) -> dict[str, Any]:
    """The good version reaches every device, batch after batch; a bad one is stopped in the second batch."""
    flow_id = stage.flow()
    count = len(stage.devices)
    stage.story.tell(
        f"\nrolling: version 1 goes to {count} devices, {BATCH_SIZE} at a time, {BATCH_DELAY} between the batches"
    )
    settings = {"batch_size": BATCH_SIZE, "batch_delay": BATCH_DELAY, "timeout": TIMEOUT}
    _completes(stage, stage.deploy(flow_id, "rolling", **settings))
    stage.check_all_run(flow_id, 1)
    stage.next_version(flow_id, WANTS_DHT11)
    stage.story.tell(
        f"\nVersion 2 wants a {BAD_MODEL} sensor, which 1 device of the first batch (exactly 20%: it goes on)"
        " and 2 of the second (40%: it rolls back) do not have"
    )
    ended = _rolls_back(stage, stage.deploy(flow_id, "rolling", **settings))
    targets = {target["device_id"]: target for target in stage.rest.targets(ended["id"])}
    unhealthy = sorted(device for device, target in targets.items() if target["reason"] == "unhealthy")
    first = stage.devices[NOT_HEALTHY_WITH_IT[0]]
    stage.story.check(
        first in unhealthy and len(unhealthy) == len(NOT_HEALTHY_WITH_IT),
        f"REST: unhealthy with version 2 were {', '.join(unhealthy)}",
    )
    never = {targets[device]["status"] for device in stage.devices[2 * BATCH_SIZE :]}
    stage.story.check(never == {"skipped"}, "REST: the third and fourth batch were never reached")
    touched = {targets[device]["status"] for device in stage.devices[: 2 * BATCH_SIZE]}
    stage.story.check(touched <= {"rolled_back", "skipped"}, "REST: every device that was reached is rolled back")
    stage.check_all_run(flow_id, 1, again=True)
    return ended


def canary(stage: Stage) -> dict[str, Any]:
    """A few devices first; and when they fall ill while everybody waits, nobody else ever hears of the version."""
    flow_id = stage.flow()
    few = len(stage.devices) // 5
    stage.story.tell(f"\ncanary: version 1 goes to {few} devices, is watched for {SHORT_DELAY}, then goes to the rest")
    settings = {"canary_percentage": 20, "timeout": TIMEOUT}
    _completes(stage, stage.deploy(flow_id, "canary", canary_delay=SHORT_DELAY, **settings))
    stage.check_all_run(flow_id, 1)
    stage.next_version(flow_id, FALLS_ILL)
    stage.story.tell(
        f"\nVersion 2 is well at first and fails after {FALLS_ILL_SECONDS} s; the canaries are watched for {LONG_DELAY}"
    )
    started = time.monotonic()
    ended = _rolls_back(stage, stage.deploy(flow_id, "canary", canary_delay=LONG_DELAY, **settings))
    seconds = time.monotonic() - started
    stage.story.check(seconds < 60, f"everything had returned after {seconds:.0f} s, not after {LONG_DELAY}")  # noqa: PLR2004
    rest = [target["status"] for target in stage.rest.targets(ended["id"]) if target["wave"] == 2]  # noqa: PLR2004
    stage.story.check(
        rest == ["skipped"] * (len(stage.devices) - few), f"REST: the other {len(rest)} devices were never reached"
    )
    stage.check_all_run(flow_id, 1, again=True)
    return ended


def blue_green(stage: Stage) -> dict[str, Any]:
    """The new version runs beside the live one, then takes over in one step; the way back is as short."""
    flow_id = stage.flow()
    stage.story.tell(f"\nblue_green: version 1 is live on {len(stage.devices)} devices; version 2 is staged beside it")
    started = time.monotonic()
    _completes(stage, stage.deploy(flow_id, "all_at_once", timeout=TIMEOUT))
    full_deploy = time.monotonic() - started
    stage.check_all_run(flow_id, 1)
    stage.next_version(flow_id, BETTER)
    deployment_id = stage.deploy(flow_id, "blue_green", switch_delay=SHORT_DELAY, timeout=TIMEOUT)
    staged = stage.until_targets(deployment_id, "staged")
    statuses = {target["status"] for target in staged["targets"]}
    stage.story.check(statuses == {"staged"}, "REST: every target is staged")
    stage.story.check(
        stage.all_stand_by(flow_id, 2), "the devices say: version 2 stands by, muted, while version 1 is live"
    )
    _completes(stage, deployment_id)
    stage.check_all_run(flow_id, 2)
    stage.story.check(stage.all_stand_by(flow_id, 1), "the devices say: version 1 stays warm in the other slot")
    stage.story.tell("\nAn operator wants version 1 back: a switch, without a download")
    started = time.monotonic()
    stage.rest.call("POST", f"/deployments/{deployment_id}/rollback")
    ended = _rolls_back(stage, deployment_id)
    way_back = time.monotonic() - started
    stage.check_all_run(flow_id, 1, again=True)
    stage.story.check(
        way_back < full_deploy,
        f"the way back took {way_back:.1f} s, {way_back / full_deploy:.0%} of the {full_deploy:.1f} s of a full deploy",
    )
    return ended


STORIES: Final[dict[str, Telling]] = {
    "all_at_once": all_at_once,
    "rolling": rolling,
    "canary": canary,
    "blue_green": blue_green,
}
SHOWN: Final = ("rolling", "canary", "blue_green")
"""The stories that are told when none is chosen."""


def _completes(stage: Stage, deployment_id: str) -> None:
    ended = stage.ended(deployment_id)
    stage.story.check(
        ended["status"] == "completed", f"REST: the deployment is {ended['status']} ({ended['status_reason']})"
    )
    statuses = {target["status"] for target in stage.rest.targets(deployment_id)}
    stage.story.check(statuses == {"success"}, "REST: every target succeeded")


def _rolls_back(stage: Stage, deployment_id: str) -> dict[str, Any]:
    ended = stage.ended(deployment_id)
    stage.story.check(
        ended["status"] == "rolled_back", f"REST: the deployment is {ended['status']} ({ended['status_reason']})"
    )
    return ended
