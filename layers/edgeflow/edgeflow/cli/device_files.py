"""The files that an agent starts from: its settings, its key and its certificate, each readable by its owner alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edgeflow.cli.private_files import write_private
from edgeflow.cli.text_files import text_of
from edgeflow.client import InvalidArgument
from edgeflow.contract.rest.devices import RegisteredDevice

SETTINGS: Final = "agent.toml"
PRIVATE_KEY: Final = "private.key"
CERTIFICATE: Final = "certificate.pem"
AUTHORITY: Final = "ca.pem"
ARTIFACT_KEY: Final = "artifact-key.pem"
ORDER_KEY: Final = "order-key.pem"

_PARAGRAPHS: Final = (
    ("Where it connects, by MQTT with mutual TLS, and who it believes to be there", "endpoint port topic_rules ca"),
    ("Who it is", "certificate private_key"),
    ("It runs what this key has signed, and nothing else", "artifact_keys"),
    ("It does what this key has signed for it, and nothing else", "order_keys"),
    ("What it has to remember, and its log", "data_directory log_file"),
)
"""What each group of settings says, and their names."""


@dataclass(frozen=True)
class Extras:
    """What an agent trusts beside Amazon's authority, as PEM: whose endpoint, whose versions and whose orders."""

    ca: str | None
    artifact_key: str | None
    order_key: str | None

    @classmethod
    def read(cls, *, ca: Path | None, artifact_key: Path | None, order_key: Path | None) -> "Extras":
        """Read them before a device is registered. Raises CommandFailed."""
        return cls(*(None if path is None else text_of(path) for path in (ca, artifact_key, order_key)))


def prepared(folder: Path) -> Path:
    """See to it that a device's files can be written, before it is registered: its key comes once.

    Raises:
        CommandFailed: the folder cannot be written to.
        InvalidArgument: there is a device in it already.
    """
    taken = [name for name in (SETTINGS, PRIVATE_KEY, CERTIFICATE) if (folder / name).exists()]
    if taken:
        message = f"{folder} has {', '.join(taken)} of a device already: choose another folder"
        raise InvalidArgument(message)
    probe = folder / f".{PRIVATE_KEY}"
    write_private(probe, "")
    probe.unlink()
    return folder


def write(
    folder: Path, registered: RegisteredDevice, extras: Extras, *, log_file: str | None = None, more: str = ""
) -> Path:
    """Write what the agent needs, the key first and the settings last; returns the settings' file.

    ``log_file`` is seen from the folder; without it the agent logs to its standard error. ``more`` is TOML for the end.
    """
    if registered.private_key is None:  # the client raises KeyLost before
        raise AssertionError
    write_private(folder / PRIVATE_KEY, registered.private_key)
    write_private(folder / CERTIFICATE, registered.certificate_pem)
    settings: dict[str, object] = {
        "endpoint": registered.mqtt_endpoint,
        "port": registered.mqtt_port,
        "topic_rules": registered.topic_rules,
        "certificate": CERTIFICATE,
        "private_key": PRIVATE_KEY,
        "data_directory": "data",
    }
    if extras.ca is not None:
        write_private(folder / AUTHORITY, extras.ca)
        settings["ca"] = AUTHORITY
    if extras.artifact_key is not None:
        write_private(folder / ARTIFACT_KEY, extras.artifact_key)
        settings["artifact_keys"] = [ARTIFACT_KEY]
    if extras.order_key is not None:
        write_private(folder / ORDER_KEY, extras.order_key)
        settings["order_keys"] = [ORDER_KEY]
    if log_file is not None:
        settings["log_file"] = log_file
    write_private(folder / SETTINGS, _toml_of(registered.device_id, settings) + more)
    return folder / SETTINGS


def _toml_of(device_id: str, settings: Mapping[str, object]) -> str:
    """Return the text of ``agent.toml``. What JSON writes of texts, numbers and lists of texts is TOML as well."""
    head = (
        f"# The settings of {device_id}; paths begin in this folder. docs/agent.md has all of them.\n"
        f"device_id = {json.dumps(device_id)}\n"
    )
    paragraphs = []
    for says, names in _PARAGRAPHS:
        lines = [f"{name} = {json.dumps(settings[name])}" for name in names.split() if name in settings]
        if lines:
            paragraphs.append("\n".join([f"# {says}", *lines, ""]))
    return "\n".join([head, *paragraphs])
