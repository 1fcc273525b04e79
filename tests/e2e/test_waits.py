"""Why a rollout does not move: it says what it waits for, until when, and which device is away since when."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from localcloud.stack import Stack
from tests.support.rollouts import Operator, eventually

TIMEOUT = timedelta(seconds=60)


@pytest.fixture
def away(stack: Stack, operator: Operator, tmp_path: Path) -> Iterator[tuple[Fleet, str]]:
    """A device that was connected, and is not any more."""
    fleet = Fleet(stack, tmp_path)
    name = f"away_{uuid4().hex[:8]}"
    fleet.register([name])
    fleet.start([name])
    eventually(lambda: connected(operator, name) is True, seconds=30, what="it is connected")
    fleet.stop()
    eventually(lambda: connected(operator, name) is False, seconds=30, what="AWS IoT says that it is gone")
    yield fleet, name
    fleet.stop()


def connected(operator: Operator, name: str) -> Any:  # noqa: ANN401  a value of a JSON answer
    return operator.rest.call("GET", f"/devices/{name}")["connected"]


def waits_for(operator: Operator, deployment_id: str) -> dict[str, Any]:
    found: dict[str, Any] = operator.rest.call("GET", f"/deployments/{deployment_id}")["waits_for"]
    return found


def test_a_rolling_deployment_names_the_device_that_it_waits_for(
    operator: Operator, devices: list[str], away: tuple[Fleet, str]
) -> None:
    its_fleet, name = away
    deployment_id = operator.create(
        operator.flow(), [devices[1], name], batch_size=2, failure_threshold=50, timeout="60s"
    )
    pending = waits_for(operator, deployment_id)
    assert (pending["what"], pending["until"]) == ("start", None)
    operator.start(deployment_id)
    eventually(
        lambda: operator.statuses(deployment_id)[devices[1]] == "success", seconds=40, what="the other one is done"
    )
    eventually(
        lambda: waits_for(operator, deployment_id)["devices"] == {"count": 1, "first": [name]},
        seconds=20,
        what="the other one is counted",
    )
    shown = operator.rest.call("GET", f"/deployments/{deployment_id}")
    wait = shown["waits_for"]
    assert (wait["what"], wait["wave"], wait["then"]) == ("reports", 1, "they count as failed")
    until, began = datetime.fromisoformat(wait["until"]), datetime.fromisoformat(shown["started_at"])
    assert datetime.now(UTC) < until, "what is waited for lies ahead"
    assert began + TIMEOUT < until < began + TIMEOUT + timedelta(seconds=30)
    assert wait["sentence"].startswith("1 of 2 devices of wave 1 to report, until ")
    assert f"{name} is offline since " in wait["sentence"]
    (target,) = [each for each in shown["targets"] if each["device_id"] == name]
    gone_since = operator.rest.call("GET", f"/devices/{name}")["connection_changed_at"]
    assert target["waits_for"]["what"] == "offline"
    assert abs(datetime.fromisoformat(target["waits_for"]["since"]) - datetime.fromisoformat(gone_since)) < timedelta(
        seconds=5
    )
    assert target["waits_for"]["until"] == wait["until"]
    listed = operator.rest.call("GET", f"/deployments/{deployment_id}/targets")["targets"]
    assert [each["waits_for"] for each in listed if each["device_id"] == name] == [target["waits_for"]]
    its_fleet.start([name])
    ended = operator.ended(deployment_id)
    assert (ended["status"], ended["waits_for"]) == ("completed", None), ended["status_reason"]
