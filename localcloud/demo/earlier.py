"""Clears away what an earlier demo left, whatever ended it: rollouts under way, devices, flows."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from deployed.rest import ProblemError, Rest
from localcloud.demo.screen import wait_until
from localcloud.demo.stage import TAG
from localcloud.errors import LocalCloudError
from localcloud.stack import Stack

LOCK_FILE: Final = "demo.lock"
ENDS_WITHIN_SECONDS: Final = 60
_UNDER_WAY: Final = ("running", "paused", "cancelling", "rolling_back")


@contextmanager
def only_demo(data_dir: Path) -> Iterator[None]:
    """Keep a second demo off the same local cloud: it would clear away the first one.

    Raises:
        LocalCloudError: one runs already.
    """
    with (data_dir / LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = "Another demo runs on this local cloud. Wait for its end, or end it with Ctrl-C."
            raise LocalCloudError(message) from error
        yield


def clear_away(stack: Stack, rest: Rest, device_ids: list[str]) -> None:
    """End what is under way on the demo's devices, then remove the devices and the demo's flows.

    Raises:
        DemoFailed: a rollout does not end.
        ProblemError: the API refused.
    """
    for deployment_id in _under_way(rest, set(device_ids)):
        _end(stack, rest, deployment_id)
    known = {device["device_id"] for device in rest.every("devices", "/devices")}
    for device_id in sorted(known & set(device_ids)):
        rest.call("DELETE", f"/devices/{device_id}")
    for flow in list(rest.every("flows", f"/flows?tag={TAG}")):
        with _unless_in_use():  # a deployment that was never started holds it, and harms nobody
            rest.call("DELETE", f"/flows/{flow['id']}")


def _under_way(rest: Rest, device_ids: set[str]) -> list[str]:
    deployments = [
        deployment for status in _UNDER_WAY for deployment in rest.every("deployments", f"/deployments?status={status}")
    ]
    return [
        deployment["id"]
        for deployment in deployments
        if any(target["device_id"] in device_ids for target in rest.targets(deployment["id"]))
    ]


def _end(stack: Stack, rest: Rest, deployment_id: str) -> None:
    """End a rollout although its devices are gone, so that nobody can roll it back.

    Its execution is stopped from outside, as by a fault, and the safety net concludes it: it cancels its jobs and gives
    up its claims. It leaves alone what has stopped only now, so it is asked until it has done so.
    """

    def has_ended() -> bool:
        deployment = rest.call("GET", f"/deployments/{deployment_id}")
        if deployment["status"] not in _UNDER_WAY:
            return True
        _stop(stack, deployment["execution"])
        _stop(stack, deployment["rollback_execution"])
        stack.reconcile()
        return False

    wait_until(has_ended, f"{deployment_id}, which an earlier demo left, ends", seconds=ENDS_WITHIN_SECONDS)


def _stop(stack: Stack, execution: dict[str, Any] | None) -> None:
    if execution is None:
        return
    client = stack.client("stepfunctions")
    with suppress(client.exceptions.ExecutionDoesNotExist):  # it is about to start
        if client.describe_execution(executionArn=execution["arn"])["status"] == "RUNNING":
            client.stop_execution(executionArn=execution["arn"], cause="cleared away by a later demo")


@contextmanager
def _unless_in_use() -> Iterator[None]:
    try:
        yield
    except ProblemError as refused:
        if refused.status != HTTPStatus.CONFLICT:
            raise
