"""A link that is slow, stalls or is lost: jobs go past what flows publish, and what was stored arrives."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from edge_agent.cloud.transport import MqttTransport
from edge_agent.config import AgentConfig
from edge_agent.flows.publishing import NotPublished
from tests.support.broker import Broker
from tests.support.waiting import wait_for
from tests.support.wire import Wire
from tests.unit.edge_agent.device import JOB, apply
from tests.unit.edge_agent.keys import Authority

SLOW: Final = 20_000
"""Bytes a second: a weak radio link."""
MOST_SECONDS: Final = 5.0
"""The window takes 0.8 s at this speed, with TLS and on a busy machine more; all that waits would take minutes."""
READINGS: Final = "edgeflow/devices/dev_001/out/flow_1/n1"
_READY_SECONDS: Final = 10


class Flood:
    """A flow that publishes readings as fast as they are taken, and what it was told."""

    def __init__(self, transport: MqttTransport, size: int, **how: Any) -> None:  # noqa: ANN401  see Publish
        self._transport = transport
        self._data = b"x" * size
        self._how = how
        self._stopping = threading.Event()
        self.taken = self.refused = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            thread.join(_READY_SECONDS)

    def _run(self) -> None:
        while not self._stopping.wait(0.0005):
            try:
                self._transport.publish_from_flow(READINGS, self._data, **self._how)
                self.taken += 1
            except NotPublished:
                self.refused += 1


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Who has signed the broker's certificate, and the device's."""
    return Authority(tmp_path / "keys")


@pytest.fixture
def broker(authority: Authority) -> Iterator[Broker]:
    """A broker that has a job for the device."""
    with Broker(authority.server_context(), refuses="/out/refused$") as made:
        made.job = {"jobId": JOB, "thingName": "dev_001", "status": "QUEUED", "jobDocument": apply(1)}
        yield made


@pytest.fixture
def wire(broker: Broker) -> Iterator[Wire]:
    """What is between the device and the broker."""
    with Wire(broker.port) as made:
        yield made


@pytest.fixture
def transport(authority: Authority, wire: Wire, tmp_path: Path) -> Iterator[MqttTransport]:
    """A device that is connected."""
    certificate, key = authority.issue("dev_001")
    config = AgentConfig(
        device_id="dev_001",
        endpoint="127.0.0.1",
        port=wire.port,
        ca=authority.ca,
        certificate=certificate,
        private_key=key,
        data_directory=tmp_path / "data",
        outbox_limit=1024 * 1024,
        reconnect_min=0.1,
        reconnect_max=1,
    )
    ready = threading.Event()
    made = MqttTransport(config, on_ready=ready.set, on_next=lambda _: None)
    made.start()
    try:
        assert ready.wait(_READY_SECONDS)
        yield made
    finally:
        wire.cut()  # a slow link would be slow to end
        made.stop()


def _seconds_of_a_job(transport: MqttTransport) -> float:
    """Return how long the longest of a job's words takes, from its beginning to its end."""
    longest = 0.0
    for say in (
        transport.next,
        lambda: transport.update(JOB, "IN_PROGRESS", {"step": "download"}),
        lambda: transport.publish("edgeflow/devices/dev_001/health", b"{}"),
        lambda: transport.update(JOB, "SUCCEEDED", {"step": "done"}),
    ):
        began = time.monotonic()
        say()
        longest = max(longest, time.monotonic() - began)
    return longest


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "how"),
    [
        pytest.param(200, {}, id="readings"),
        pytest.param(8_000, {}, id="pictures"),
        pytest.param(200, {"qos": 1}, id="acknowledged"),
        pytest.param(200, {"qos": 1, "store": True}, id="stored"),
    ],
)
def test_a_slow_link_behind_a_flood_delays_no_job(
    transport: MqttTransport, broker: Broker, wire: Wire, size: int, how: dict[str, Any]
) -> None:
    wire.slow_down(SLOW)
    flood = Flood(transport, size, **how)
    with flood.running():
        wait_for(lambda: flood.refused or None, what="the flood is more than is taken", seconds=60)
        seconds = _seconds_of_a_job(transport)

    assert seconds < MOST_SECONDS
    assert broker.job is None
    assert flood.taken > 0


@pytest.mark.slow
def test_a_link_that_stalled_for_a_while_delays_no_job_once_it_goes_on(
    transport: MqttTransport, broker: Broker, wire: Wire
) -> None:
    wire.stall()
    flood = Flood(transport, 200)
    with flood.running():
        wait_for(lambda: flood.refused or None, what="the flood is more than is taken", seconds=60)
        wire.slow_down(SLOW)
        wire.go_on()
        assert _seconds_of_a_job(transport) < MOST_SECONDS
    assert broker.job is None


def _arrived(broker: Broker) -> list[bytes]:
    return [data for each in broker.connections for topic, data in each.publishes if topic == READINGS]


@pytest.mark.slow
def test_what_is_stored_while_the_link_is_lost_arrives_in_order_once_it_is_back(
    transport: MqttTransport, broker: Broker, wire: Wire
) -> None:
    heard: list[str | None] = []
    wire.cut()
    wait_for(lambda: not transport.connected or None, what="the device is offline", seconds=_READY_SECONDS)
    sent = [b"%d" % number for number in range(100)]
    for data in sent:
        transport.publish_from_flow(READINGS, data, qos=1, store=True, settled=heard.append)
    wire.heal()
    wait_for(lambda: len(heard) == len(sent) or None, what="all is acknowledged", seconds=3 * _READY_SECONDS)
    assert list(dict.fromkeys(_arrived(broker))) == sent
    assert set(heard) == {None}


def test_what_the_broker_refuses_is_told(transport: MqttTransport) -> None:
    heard: list[str | None] = []
    transport.publish_from_flow("edgeflow/devices/dev_001/out/refused", b"1", qos=1, settled=heard.append)
    wait_for(lambda: heard or None, what="it is told", seconds=_READY_SECONDS)
    assert heard == ["the broker refuses it: NOT_AUTHORIZED"]


def test_messages_with_qos_0_arrive_in_order_however_many(transport: MqttTransport, broker: Broker) -> None:
    sent = [b"%d" % number for number in range(60)]
    for data in sent:
        transport.publish_from_flow(READINGS, data)
    wait_for(lambda: len(_arrived(broker)) == len(sent) or None, what="all arrive", seconds=_READY_SECONDS)
    assert _arrived(broker) == sent
