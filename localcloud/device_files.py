"""All that the program of a registered device needs: its key, its certificates, and its settings."""

import re
from pathlib import Path
from typing import Any, Final

from deployed.rest import ProblemError, Rest
from edgeflow.cli import device_files as writer
from edgeflow.contract.ids import DEVICE_ID_PATTERN
from edgeflow.contract.rest.devices import RegisteredDevice
from localcloud.errors import LocalCloudError
from localcloud.stack import Stack

FOLDER: Final = "devices"
"""In the folder of the local cloud's data; each device has one of its name there."""
HARDWARE: Final = """
# What is wired to it: flows that want another sensor are not healthy here. Without GPIO lines its values are made up.
[hardware]
dht_model = "DHT22"
"""


def provide(stack: Stack, data_dir: Path, device_id: str) -> tuple[Path, bool]:
    """Register a device and write all that ``edgeflow-agent`` needs to be it; returns its settings' file.

    The second value is False when that was done before. The settings come last: where they are, the rest is, too.

    Raises:
        LocalCloudError: this is no name of a device, or it is registered and its key is not here.
    """
    if not re.fullmatch(DEVICE_ID_PATTERN, device_id):
        message = f"{device_id!r} is not a name of a device: it has 1 to 128 of a-z A-Z 0-9 : _ -"
        raise LocalCloudError(message)
    folder = data_dir / FOLDER / device_id
    settings = folder / writer.SETTINGS
    if settings.exists():
        return settings, False
    registered = RegisteredDevice.model_validate(_register(stack, device_id))
    ca = stack.ca_path.read_text(encoding="ascii")
    trusted = writer.Extras(ca=ca, artifact_key=stack.artifact_key, order_key=stack.order_key)
    return writer.write(folder, registered, trusted, log_file="agent.log", more=HARDWARE), True


def trusted_files(stack: Stack, data_dir: Path) -> dict[str, Path]:
    """Write what devices of this stack trust; returns the files by the variables of ``edgeflow devices register``."""
    artifact_key, order_key = data_dir / writer.ARTIFACT_KEY, data_dir / writer.ORDER_KEY
    artifact_key.write_text(stack.artifact_key, encoding="ascii")
    order_key.write_text(stack.order_key, encoding="ascii")
    return {
        "EDGEFLOW_DEVICE_CA": stack.ca_path,
        "EDGEFLOW_ARTIFACT_KEY": artifact_key,
        "EDGEFLOW_ORDER_KEY": order_key,
    }


def _register(stack: Stack, device_id: str) -> dict[str, Any]:
    rest = Rest(stack)
    try:
        return rest.call("POST", "/devices", {"device_id": device_id})
    except ProblemError as error:
        message = (
            f"{device_id} cannot be registered: {error}. Where its key was lost, remove it first: "
            f'curl -X DELETE "$API/devices/{device_id}" -H "Authorization: Bearer $TOKEN"'
        )
        raise LocalCloudError(message) from error
    finally:
        rest.close()
