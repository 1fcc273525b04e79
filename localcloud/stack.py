"""The deployed stack, as its users know it: addresses, names, tokens, clients."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.config import Config

import deployed.stack
from localcloud.clients import root_client
from localcloud.emulator import Emulator
from localcloud.errors import LocalCloudError
from localcloud.settings import Settings

FILE: Final = "stack.json"
_CONFIG: Final = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=3, read_timeout=30)


@dataclass(frozen=True, kw_only=True)
class Stack(deployed.stack.Stack):
    """One stack in one local cloud, whose APIs of AWS are all at ``endpoint_url``."""

    ca_path: Path
    endpoint_url: str

    def client(self, service: str) -> Any:  # noqa: ANN401  a client of any service
        """Return a boto3 client with the root user's keys."""
        return root_client(service, self.endpoint_url, config=_CONFIG)

    @property
    def token_url(self) -> str:
        """Where operators get an access token."""
        return f"{self.endpoint_url}/oauth2/token"

    @property
    def console_url(self) -> str | None:
        """Where the emulator serves the console; None where it was not deployed."""
        told = self.outputs.get("ConsoleUrl")
        if told is None:
            return None
        distribution = (urlsplit(told).hostname or "").partition(".")[0]
        # Browsers take every name below localhost for this machine, and for a safe place, as PKCE needs one.
        return f"http://{distribution}.cloudfront.localhost:{urlsplit(self.endpoint_url).port}/"

    def save(self, data_dir: Path) -> None:
        """Write it where :func:`load` finds it."""
        (data_dir / FILE).write_text(json.dumps(asdict(self), indent=2, default=str) + "\n")


def load(data_dir: Path) -> Stack:
    """Return the stack that the last deployment into this local cloud wrote down.

    Raises:
        LocalCloudError: nothing was deployed yet.
    """
    try:
        kept = json.loads((data_dir / FILE).read_text())
    except FileNotFoundError as error:
        message = "Nothing is deployed yet. Run `make up` first."
        raise LocalCloudError(message) from error
    return Stack(**kept | {"ca_path": Path(kept["ca_path"])})


def running(settings: Settings) -> Stack:
    """Return the stack in a local cloud that runs.

    Raises:
        LocalCloudError: it does not run, or nothing was deployed yet.
    """
    if Emulator(settings).pid() is None:
        message = "The local cloud does not run. Start it: make up"
        raise LocalCloudError(message)
    return load(settings.data_dir)
