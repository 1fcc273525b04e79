"""All that the program of a registered device needs: its key, its certificates, and its settings."""

import re
from pathlib import Path
from typing import Any, Final

from deployed.device_files import ARTIFACT_KEY, CERTIFICATE, ORDER_KEY, PRIVATE_KEY, keep
from deployed.rest import ProblemError, Rest
from edgeflow.contract.ids import DEVICE_ID_PATTERN
from localcloud.errors import LocalCloudError
from localcloud.stack import Stack

AUTHORITY: Final = "ca.pem"
SETTINGS: Final = "agent.toml"

_SETTINGS_OF_A_DEVICE: Final = """\
# The settings of {device_id}, a device on this machine. docs/agent.md has them all. Paths begin in this folder.
device_id = "{device_id}"

# Where it connects, by MQTT with mutual TLS, and who it believes to be there
endpoint = "{mqtt_endpoint}"
port = {mqtt_port}
topic_rules = "{topic_rules}"
ca = "{authority}"

# Who it is
certificate = "{certificate}"
private_key = "{private_key}"

# It runs what this key has signed, and nothing else
artifact_keys = ["{artifact_key}"]

# It does what this key has signed for it, and nothing else
order_keys = ["{order_key}"]

# What it has to remember, and its log
data_directory = "data"
log_file = "agent.log"

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
    folder = data_dir / "devices" / device_id
    settings = folder / SETTINGS
    if settings.exists():
        return settings, False
    registered = _register(stack, device_id)
    keep(folder, registered, artifact_key=stack.artifact_key, order_key=stack.order_key)
    (folder / AUTHORITY).write_bytes(stack.ca_path.read_bytes())
    names = {"authority": AUTHORITY, "certificate": CERTIFICATE, "private_key": PRIVATE_KEY}
    told = {name: registered[name] for name in ("device_id", "mqtt_endpoint", "mqtt_port", "topic_rules")}
    keys = {"artifact_key": ARTIFACT_KEY, "order_key": ORDER_KEY}
    settings.write_text(_SETTINGS_OF_A_DEVICE.format(**told, **names, **keys))
    return settings, True


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
