"""Where devices connect to the local cloud: what the API answers is what they can use."""

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from edge_agent.config import load_config
from localcloud import device_files
from localcloud.clients import root_client
from localcloud.errors import LocalCloudError
from localcloud.settings import Settings
from localcloud.stack import Stack
from tests.support.rollouts import Operator

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def name() -> str:
    """A device that nobody registered yet."""
    return f"provided_{uuid4().hex[:8]}"


@pytest.mark.parametrize("enrolment", ["certificate", "claim"])
def test_the_answer_of_a_registration_names_the_listener(
    stack: Stack, operator: Operator, name: str, enrolment: str
) -> None:
    made = operator.rest.call("POST", "/devices", {"device_id": name, "enrolment": enrolment})
    assert (made["mqtt_endpoint"], made["mqtt_port"]) == (stack.mqtt_host, stack.mqtt_port)


def test_all_that_a_device_needs_is_written_and_lets_it_in(stack: Stack, name: str, tmp_path: Path) -> None:
    settings, is_new = device_files.provide(stack, tmp_path, name)
    assert is_new
    config = load_config(settings)
    assert config.device_id == name
    assert config.private_key.stat().st_mode & 0o077 == 0
    assert [key.read_text() for key in config.artifact_keys] == [stack.artifact_key]
    assert [key.read_text() for key in config.order_keys] == [stack.order_key]
    doctor = [sys.executable, "-m", "edge_agent.cli", "doctor", "--config", str(settings)]
    told = subprocess.run(doctor, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603  our own
    assert told.returncode == 0, told.stdout


def test_a_device_is_provided_once_and_its_loss_is_told_with_the_way_out(
    stack: Stack, name: str, tmp_path: Path
) -> None:
    settings, _ = device_files.provide(stack, tmp_path, name)
    before = settings.read_bytes()
    assert device_files.provide(stack, tmp_path, name) == (settings, False)
    assert settings.read_bytes() == before
    with pytest.raises(LocalCloudError, match=f'remove it first: curl -X DELETE "\\$API/devices/{name}"'):
        device_files.provide(stack, tmp_path / "elsewhere", name)


def test_the_bare_emulator_still_names_a_port_where_no_device_can_connect(bare: Settings) -> None:
    client = root_client("iot", bare.endpoint_url)
    address = client.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
    assert not address.endswith(f":{bare.mqtt_port}"), "device_endpoint.py can go: the emulator names its listener"
