"""A device's certificate is good for that device alone, whatever it tries as another."""

import json
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from awscrt import mqtt5
from awsiot import mqtt5_client_builder

from edgeflow.contract.report import health_topic
from localcloud.rest import Rest
from localcloud.stack import Stack
from tests.support.waiting import wait_for

WAIT_SECONDS = 20
NOT_AUTHORIZED = 0x87  # MQTT 5: reason code of CONNACK, PUBACK and SUBACK
RESERVED_TOPIC = 0x90  # MQTT 5: topic name invalid


@dataclass(frozen=True)
class Certificate:
    """What registering a device gave."""

    device_id: str
    pem: bytes
    key: bytes


@pytest.fixture(scope="module")
def certificates(stack: Stack) -> Iterator[list[Certificate]]:
    """Two registered devices: one of ours, and its neighbour."""
    rest = Rest(stack)
    made = []
    for name in ("mine", "neighbour"):
        device = rest.call("POST", "/devices", {"device_id": f"{name}_{uuid4().hex[:8]}"})
        made.append(
            Certificate(device["device_id"], device["certificate_pem"].encode(), device["private_key"].encode())
        )
    yield made
    for certificate in made:
        rest.call("DELETE", f"/devices/{certificate.device_id}")
    rest.close()


class Connection:
    """One MQTT 5 connection; every wait has a timeout."""

    def __init__(self, stack: Stack, certificate: Certificate, client_id: str, directory: Path) -> None:
        """Connect under this client id; ``connected`` is the CONNACK's reason code, 0 for success."""
        self._connack: Future[int] = Future()
        self._stopped: Future[None] = Future()
        (directory / "certificate.pem").write_bytes(certificate.pem)
        (directory / "private.key").write_bytes(certificate.key)
        self._client = mqtt5_client_builder.mtls_from_path(
            cert_filepath=str(directory / "certificate.pem"),
            pri_key_filepath=str(directory / "private.key"),
            ca_filepath=str(stack.ca_path),
            endpoint=stack.mqtt_host,
            port=stack.mqtt_port,
            client_id=client_id,
            on_lifecycle_connection_success=lambda _: self._told(0),
            on_lifecycle_connection_failure=lambda data: self._told(
                int(data.connack_packet.reason_code) if data.connack_packet else -1
            ),
            on_lifecycle_stopped=lambda _: self._stopped.set_result(None),
        )
        self._client.start()

    def _told(self, code: int) -> None:
        if not self._connack.done():
            self._connack.set_result(code)

    @property
    def connected(self) -> int:
        """The first CONNACK's reason code."""
        return self._connack.result(WAIT_SECONDS)

    def publish(self, topic: str, payload: bytes = b"{}") -> int:
        """Publish with QoS 1; returns the PUBACK's reason code."""
        packet = mqtt5.PublishPacket(topic=topic, qos=mqtt5.QoS.AT_LEAST_ONCE, payload=payload)
        answer: Any = self._client.publish(packet).result(WAIT_SECONDS)
        return int(answer.puback.reason_code)

    def subscribe(self, topic_filter: str) -> int:
        """Subscribe; returns the SUBACK's reason code."""
        packet = mqtt5.SubscribePacket([mqtt5.Subscription(topic_filter, mqtt5.QoS.AT_LEAST_ONCE)])
        answer: Any = self._client.subscribe(packet).result(WAIT_SECONDS)
        return int(answer.reason_codes[0])

    def close(self) -> None:
        """Disconnect."""
        self._client.stop()
        self._stopped.result(WAIT_SECONDS)


@pytest.fixture
def connect(stack: Stack, tmp_path: Path) -> Iterator[Any]:
    """Open connections that are closed after the test."""
    opened: list[Connection] = []

    def opener(certificate: Certificate, client_id: str) -> Connection:
        directory = tmp_path / str(len(opened))
        directory.mkdir()
        opened.append(Connection(stack, certificate, client_id, directory))
        return opened[-1]

    yield opener
    for connection in opened:
        connection.close()


def test_a_device_works_under_its_own_name(certificates: list[Certificate], connect: Any) -> None:  # noqa: ANN401
    mine = certificates[0]
    connection = connect(mine, mine.device_id)
    assert connection.connected == 0
    for topic in ("jobs/notify-next", "jobs/+/update/+", "jobs/+/get/+", "jobs/$next/get/accepted"):
        assert connection.subscribe(f"$aws/things/{mine.device_id}/{topic}") <= 1
    for topic in ("orders/+", "#"):
        assert connection.subscribe(f"edgeflow/devices/{mine.device_id}/in/{topic}") <= 1
    for topic in (f"edgeflow/devices/{mine.device_id}/out/flow_1/n3", f"$aws/things/{mine.device_id}/jobs/$next/get"):
        assert connection.publish(topic) in {0, 0x10}  # 0x10: success, nobody subscribes to it


@pytest.mark.parametrize("resting", [False, True])
def test_it_cannot_report_as_another_by_what_it_writes(
    certificates: list[Certificate],
    connect: Any,  # noqa: ANN401
    stack: Stack,
    resting: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    mine, neighbour = certificates
    spoof = f"spoof at rest: {resting}"
    report = {
        "schema": "edgeflow.health/1",
        "sent_at": "2026-11-29T12:00:00Z",
        "sequence": 2 if resting else 1,
        "agent_version": spoof,
        "kind": "health",
        "device_id": neighbour.device_id,
        "received_at": 4_102_444_800_000,
    }
    connection = connect(mine, mine.device_id)
    assert connection.publish(
        health_topic(mine.device_id, stack.name.replace("-", "_"), resting=resting), json.dumps(report).encode()
    ) in {0, 0x10}
    rest = Rest(stack)

    def told(certificate: Certificate) -> object:
        return rest.call("GET", f"/devices/{certificate.device_id}")["agent_version"]

    wait_for(lambda: told(mine) == spoof or None, what="the report is known as the sender's", seconds=WAIT_SECONDS)
    assert told(neighbour) is None
    rest.close()


def test_it_cannot_connect_as_another(certificates: list[Certificate], connect: Any) -> None:  # noqa: ANN401
    mine, neighbour = certificates
    assert connect(mine, neighbour.device_id).connected == NOT_AUTHORIZED


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
def test_it_cannot_publish_as_another(certificates: list[Certificate], connect: Any, topic: str) -> None:  # noqa: ANN401
    mine, neighbour = certificates
    connection = connect(mine, mine.device_id)
    assert connection.connected == 0
    assert connection.publish(topic.format(neighbour.device_id)) == NOT_AUTHORIZED


def test_it_cannot_tell_the_end_of_a_job_in_the_name_of_aws(certificates: list[Certificate], connect: Any) -> None:  # noqa: ANN401
    mine = certificates[0]
    connection = connect(mine, mine.device_id)
    assert connection.connected == 0
    topic = "$aws/events/jobExecution/dep_1-w00001-0000/succeeded"
    assert connection.publish(topic) in {NOT_AUTHORIZED, RESERVED_TOPIC}


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
def test_it_cannot_listen_to_another(certificates: list[Certificate], connect: Any, topic_filter: str) -> None:  # noqa: ANN401
    mine, neighbour = certificates
    connection = connect(mine, mine.device_id)
    assert connection.connected == 0
    assert connection.subscribe(topic_filter.format(neighbour.device_id)) == NOT_AUTHORIZED


def test_a_removed_device_cannot_connect_any_more(stack: Stack, connect: Any) -> None:  # noqa: ANN401
    rest = Rest(stack)
    device = rest.call("POST", "/devices", {"device_id": f"removed_{uuid4().hex[:8]}"})
    rest.call("DELETE", f"/devices/{device['device_id']}")
    rest.close()
    removed = Certificate(device["device_id"], device["certificate_pem"].encode(), device["private_key"].encode())
    assert connect(removed, removed.device_id).connected != 0
