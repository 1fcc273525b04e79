"""A device's certificate is good for that device alone, whatever it tries as another."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from deployed.probe import NOT_AUTHORIZED, TOPIC_INVALID, WAIT_SECONDS, Probe
from deployed.rest import Rest
from edgeflow.contract.report import health_topic
from localcloud.stack import Stack
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def fleet(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """The files of devices that do not run."""
    return Fleet(stack, tmp_path_factory.mktemp("fleet"))


@pytest.fixture(scope="module")
def names(stack: Stack, fleet: Fleet) -> Iterator[tuple[str, str]]:
    """Two registered devices: one of ours, and its neighbour."""
    mine, neighbour = (f"{name}_{uuid4().hex[:8]}" for name in ("mine", "neighbour"))
    fleet.register([mine, neighbour])
    yield mine, neighbour
    rest = Rest(stack)
    for name in (mine, neighbour):
        rest.call("DELETE", f"/devices/{name}")
    rest.close()


@pytest.fixture(scope="module")
def mine(names: tuple[str, str]) -> str:
    return names[0]


@pytest.fixture(scope="module")
def neighbour(names: tuple[str, str]) -> str:
    return names[1]


@pytest.fixture
def probe(fleet: Fleet, mine: str) -> Iterator[Probe]:
    """Our device's probe."""
    with Probe(fleet.config(mine)) as probe:
        assert probe.connected == 0
        yield probe


def test_a_device_works_under_its_own_name(mine: str, probe: Probe) -> None:
    for topic in ("jobs/notify-next", "jobs/+/update/+", "jobs/+/get/+", "jobs/$next/get/accepted"):
        assert probe.subscribe(f"$aws/things/{mine}/{topic}") <= 1
    for topic in ("orders/+", "#"):
        assert probe.subscribe(f"edgeflow/devices/{mine}/in/{topic}") <= 1
    for topic in (f"edgeflow/devices/{mine}/out/flow_1/n3", f"$aws/things/{mine}/jobs/$next/get"):
        assert probe.publish(topic) in {0, 0x10}  # 0x10: success, nobody subscribes to it


@pytest.mark.parametrize("resting", [False, True])
def test_it_cannot_report_as_another_by_what_it_writes(
    mine: str,
    neighbour: str,
    probe: Probe,
    stack: Stack,
    resting: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    spoof = f"spoof at rest: {resting}"
    report = {
        "schema": "edgeflow.health/1",
        "sent_at": "2026-11-29T12:00:00Z",
        "sequence": 2 if resting else 1,
        "agent_version": spoof,
        "kind": "health",
        "device_id": neighbour,
        "received_at": 4_102_444_800_000,
    }
    assert probe.publish(health_topic(mine, stack.topic_rules, resting=resting), json.dumps(report).encode()) in {
        0,
        0x10,
    }
    rest = Rest(stack)

    def told(name: str) -> object:
        return rest.call("GET", f"/devices/{name}")["agent_version"]

    wait_for(lambda: told(mine) == spoof or None, what="the report is known as the sender's", seconds=WAIT_SECONDS)
    assert told(neighbour) is None
    rest.close()


def test_it_cannot_connect_as_another(fleet: Fleet, mine: str, neighbour: str) -> None:
    with Probe(fleet.config(mine), client_id=neighbour) as probe:
        assert probe.connected == NOT_AUTHORIZED


@pytest.mark.parametrize(
    "topic",
    [
        health_topic("{}", "edgeflow"),
        health_topic("{}", "edgeflow", resting=True),
        "edgeflow/devices/{}/out/flow_1/n3",
        "edgeflow/devices/{}/in/orders",
        "$aws/things/{}/jobs/dep_1-w00001-0000/update",
        "$aws/things/{}/jobs/start-next",
        "$aws/things/{}/jobs/$next/get",
    ],
)
def test_it_cannot_publish_as_another(neighbour: str, probe: Probe, topic: str) -> None:
    assert probe.publish(topic.format(neighbour)) == NOT_AUTHORIZED


def test_it_cannot_tell_the_end_of_a_job_in_the_name_of_aws(probe: Probe) -> None:
    topic = "$aws/events/jobExecution/dep_1-w00001-0000/succeeded"
    assert probe.publish(topic) in {NOT_AUTHORIZED, TOPIC_INVALID}


@pytest.mark.parametrize(
    "topic_filter",
    [
        "$aws/things/{}/jobs/notify-next",
        "$aws/things/{}/jobs/+/update/+",
        "$aws/things/+/jobs/notify-next",
        "edgeflow/devices/{}/out/#",
        "edgeflow/devices/{}/in/#",
        "edgeflow/devices/+/in/#",
        "edgeflow/#",
        "#",
    ],
)
def test_it_cannot_listen_to_another(neighbour: str, probe: Probe, topic_filter: str) -> None:
    assert probe.subscribe(topic_filter.format(neighbour)) == NOT_AUTHORIZED


def test_a_removed_device_cannot_connect_any_more(stack: Stack, fleet: Fleet) -> None:
    removed = f"removed_{uuid4().hex[:8]}"
    fleet.register([removed])
    rest = Rest(stack)
    rest.call("DELETE", f"/devices/{removed}")
    rest.close()
    with Probe(fleet.config(removed)) as probe:
        assert probe.connected != 0
