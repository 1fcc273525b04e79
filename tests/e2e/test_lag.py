"""A rollout and the end of a device where AWS IoT is late: throttled jobs, lists of before, slow detaching."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from deployed.probe import Probe
from deployed.rest import ProblemError
from localcloud.stack import Stack
from tests.support.rollouts import SLOW, Operator, eventually, runs


@pytest.fixture
def slow(stack: Stack, tmp_path: Path) -> Iterator[tuple[Fleet, list[str]]]:
    """Two devices of which AWS IoT is late in everything."""
    fleet = Fleet(stack, tmp_path)
    names = [f"{SLOW}{uuid4().hex[:8]}_{number}" for number in (1, 2)]
    fleet.register(names)
    fleet.start(names)
    yield fleet, names
    fleet.stop()


def test_a_device_is_deployed_to_returned_and_removed_however_late_aws_iot_is(
    operator: Operator, slow: tuple[Fleet, list[str]]
) -> None:
    fleet, names = slow
    flow_id = operator.flow()
    ended = operator.deploy(flow_id, names, strategy="rolling", batch_size=1)
    assert ended["status"] == "completed", ended["status_reason"]
    operator.rollback(ended["id"])
    operator.until(ended["id"], {"rolled_back"})
    assert runs(fleet, flow_id, names, None)
    fleet.stop()
    answers: set[int] = set()

    def is_removed() -> bool:
        answer = operator.rest.send("DELETE", f"/devices/{names[0]}")
        answers.add(answer.status_code)
        return answer.status_code == HTTPStatus.NO_CONTENT

    eventually(is_removed, seconds=30, what="the device is removed")
    assert answers == {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.NO_CONTENT}, "it says to try again, and nothing else"
    with pytest.raises(ProblemError) as gone:
        operator.rest.call("GET", f"/devices/{names[0]}")
    assert gone.value.status == HTTPStatus.NOT_FOUND
    with Probe(fleet.config(names[0])) as probe:
        assert probe.connected != 0
