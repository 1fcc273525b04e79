"""What is found to be wrong with what AWS IoT allows a device."""

from datetime import UTC, datetime

import pytest

from edge_agent.disk.state import nobody_else_in, only_agent_of
from edge_agent.process.status import StatusFile
from tests.support.waiting import wait_for
from tests.unit.edge_agent.doctor.examined_device import Device, Serve

pytestmark = pytest.mark.slow


def test_a_policy_that_forbids_to_connect(device: Device, serve: Serve) -> None:
    serve(refuses_connections=0x87)
    found = device.fault("mqtt")
    assert "NOT_AUTHORIZED" in found.sentence
    assert "policy" in found.remedy


@pytest.mark.parametrize(
    ("refuses", "said"),
    [
        (r"notify-next$", "may not subscribe to $aws/things/dev_001/jobs/notify-next"),
        (r"get/accepted$", "may not subscribe to $aws/things/dev_001/jobs/$next/get/accepted"),
        (r"\$next/get$", "may not publish to $aws/things/dev_001/jobs/$next/get"),
    ],
)
def test_a_policy_that_forbids_a_topic(device: Device, serve: Serve, refuses: str, said: str) -> None:
    serve(refuses=refuses)
    found = device.fault("jobs")
    assert said in found.sentence
    assert "NOT_AUTHORIZED" in found.sentence


def test_the_connection_of_an_agent_that_runs_is_not_taken_from_it(device: Device, serve: Serve) -> None:
    broker = serve()
    with only_agent_of(device.data):
        assert "has not told how it is" in device.fault("mqtt").sentence
        told = StatusFile(device.data, lambda: datetime.now(UTC), version="1", every=0.01)
        told.start()
        try:
            told.connection(connected=False, error="socket timeout")
            wait_for(lambda: "socket timeout" in device.fault("mqtt").sentence or None, what="it says why")
            told.connection(connected=True)
            wait_for(lambda: "mqtt" not in device.bad() or None, what="it says that it is connected")
        finally:
            told.stop()
    assert broker.connections == []


def test_no_agent_starts_while_the_connection_is_tried(device: Device) -> None:
    with only_agent_of(device.data), nobody_else_in(device.data) as alone:
        assert not alone
    with nobody_else_in(device.data) as alone:
        assert alone
        with nobody_else_in(device.data) as also_alone:
            assert not also_alone
    with nobody_else_in(device.folder / "new") as alone:
        assert alone
    assert not (device.folder / "new").exists()
