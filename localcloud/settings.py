"""Where a local cloud lives: its folder, its ports, and what is deployed in it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from localcloud.errors import LocalCloudError

ROOT: Final = Path(__file__).resolve().parent.parent
REGION: Final = "us-east-1"
ACCOUNT_ID: Final = "000000000000"
# The emulator's root user. IAM is enforced for everybody else: roles of functions, devices, operators.
ROOT_KEYS: Final = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
HOST: Final = "127.0.0.1"
RUNNING_FILE: Final = "emulator.json"  # process and ports of the emulator, while it runs


@dataclass(frozen=True)
class Settings:
    """One local cloud.

    ``parameters`` are the template's, beyond those of ``samconfig.toml``'s environment ``local``. ``emulator`` is the
    emulator's environment beyond that of every local cloud, such as :mod:`localcloud.cancel_lag` reads.
    """

    data_dir: Path
    gateway_port: int = 4566
    mqtt_port: int = 8883
    stack_name: str = "edgeflow"
    parameters: Mapping[str, str] = field(default_factory=dict)
    emulator: Mapping[str, str] = field(default_factory=dict)

    @property
    def endpoint_url(self) -> str:
        """Address of the AWS APIs."""
        return f"http://{HOST}:{self.gateway_port}"


def from_environment() -> Settings:
    """Return the local cloud of ``make up``: in ``LOCALCLOUD_DIR``, or in ``.localcloud`` of the clone.

    ``GATEWAY_PORT`` and ``IOT_MTLS_PORT`` move its ports. Where they are not set, they are those of the one that runs.

    Raises:
        LocalCloudError: a port is not a number.
    """
    data_dir = Path(os.environ.get("LOCALCLOUD_DIR") or ROOT / ".localcloud").absolute()
    running = read_running(data_dir)
    return Settings(
        data_dir=data_dir,
        gateway_port=_port("GATEWAY_PORT", running.get("gateway_port", 4566)),
        mqtt_port=_port("IOT_MTLS_PORT", running.get("mqtt_port", 8883)),
    )


def read_running(data_dir: Path) -> dict[str, int]:
    """Return ``pid``, ``gateway_port`` and ``mqtt_port`` as the last start noted them; empty when there are none."""
    try:
        noted: dict[str, int] = json.loads((data_dir / RUNNING_FILE).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return noted


def _port(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    if not value:
        return default
    if not value.isdecimal() or not 0 < int(value) < 65_536:  # noqa: PLR2004  the range of ports
        message = f"{name}={value} is not a port: give a number from 1 to 65535."
        raise LocalCloudError(message)
    return int(value)
