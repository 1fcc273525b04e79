"""A device that drops off after it succeeded, for real: its power is cut while the others wait."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from localcloud.fleet import Fleet
from localcloud.stack import Stack
from tests.support.rollouts import GOOD, Operator, eventually, runs


@pytest.fixture
def fragile(stack: Stack, tmp_path: Path) -> Iterator[tuple[Fleet, str]]:
    """A device of its own fleet, which a test can switch off."""
    fleet = Fleet(stack, tmp_path)
    name = f"fragile_{uuid4().hex[:8]}"
    fleet.register([name])
    fleet.start([name])
    yield fleet, name
    fleet.stop()


def test_a_canary_that_drops_off_in_the_wait_returns_the_others_within_seconds(
    operator: Operator, fleet: Fleet, devices: list[str], fragile: tuple[Fleet, str]
) -> None:
    its_fleet, canary = fragile
    others = devices[1:3]
    flow_id = operator.flow()
    targets = [canary, *others]
    assert operator.deploy(flow_id, targets, strategy="all_at_once")["status"] == "completed"
    operator.next_version(flow_id, GOOD | {"variables": [{"name": "colour", "type": "string", "value": "green"}]})
    deployment_id = operator.create(
        flow_id, [*others[:1], canary, *others[1:]], batch_size=2, batch_delay="10m", timeout="8s"
    )
    operator.start(deployment_id)
    eventually(
        lambda: list(operator.statuses(deployment_id).values()).count("success") == 2,
        seconds=40,
        what="the first batch is through",
    )
    its_fleet.stop()
    gone = time.monotonic()
    eventually(
        lambda: operator.targets(deployment_id)[canary]["reason"] == "dropped_off",
        seconds=40,
        what="the device counts as failed",
    )
    assert time.monotonic() - gone < 40, "the delay is ten minutes"
    ended = operator.ended(deployment_id)
    told = operator.targets(deployment_id)
    assert told[others[0]]["status"] == "rolled_back"
    assert told[others[1]]["status"] == "skipped"
    assert (told[canary]["status"], ended["status"]) == ("rollback_failed", "failed"), "it is not there to return"
    assert runs(fleet, flow_id, others, 1)
