"""Enrolment by claim: from a device with a claim certificate to one with its own.

The settings' file is written last, in one step: with it the device is enrolled, without it it is not, and is enrolled
by doing this again. What a try that died has left on the disk is removed by the next one; what it left in the cloud is
revoked when the device connects.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from edge_agent.config import AgentConfig
from edge_agent.disk.files import make_folder, sync_folder, write_atomically
from edge_agent.enrolment.credentials import Credentials
from edge_agent.enrolment.keys import belong_together, make_key, signing_request
from edge_agent.enrolment.ports import Provisioning, Refused


def enrol(config: AgentConfig, settings: Path, claim: Callable[[], AbstractContextManager[Provisioning]]) -> None:
    """Get a certificate and write it, its key and the settings.

    ``config`` is what the settings will say, but for the certificate; ``settings`` is the file to write; ``claim``
    connects with the claim certificate.

    Raises:
        NotEnrolled: AWS IoT refuses, or cannot be reached, or the device is enrolled already.
        OSError: the disk does not take it.
    """
    if settings.exists():
        message = (
            f"{settings} is there, so this device is enrolled already; `edgeflow-agent rotate` renews its certificate. "
            "To enrol it anew, have that permitted (POST /v1/devices with re_enrol) and remove the file"
        )
        raise Refused(message)
    credentials = Credentials(config.data_directory)
    credentials.drop_unused()
    with claim() as provisioning:
        number = obtain(
            provisioning, credentials, template=config.provisioning_template or "", device_id=config.device_id
        )
    credentials.use(number)
    make_folder(settings.parent)
    write_atomically(settings, _settings(config, credentials).encode())
    credentials.drop_older()


def obtain(provisioning: Provisioning, credentials: Credentials, *, template: str, device_id: str) -> int:
    """Make a key, get a certificate for it, and keep both; returns their number. They are not in use yet.

    Raises:
        NotEnrolled: AWS IoT refuses, or cannot be reached.
        OSError: the disk does not take it.
    """
    key = make_key()
    number = credentials.begin(key)
    signed = provisioning.sign(signing_request(key, device_id))
    certificate = signed.pem.encode()
    if not belong_together(certificate, key):
        message = "AWS IoT answered with a certificate for another key; look who answers at this endpoint"
        raise Refused(message)
    provisioning.register(template=template, device_id=device_id, token=signed.token)
    # Only now: a pair that is whole on the disk is one that AWS IoT was told to let in.
    credentials.complete(number, certificate)
    return number


def forget_claim(certificate: Path, private_key: Path) -> None:
    """Delete the claim's files from the device, its key first. Raises OSError."""
    for path in (private_key, certificate):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def _settings(config: AgentConfig, credentials: Credentials) -> str:
    lines: dict[str, str | int | list[str] | None] = {
        "device_id": config.device_id,
        "endpoint": config.endpoint,
        "port": config.port,
        "topic_rules": config.topic_rules,
        "ca": str(config.ca.absolute()) if config.ca else None,
        "certificate": str(credentials.certificate.absolute()),
        "private_key": str(credentials.private_key.absolute()),
        "data_directory": str(config.data_directory.absolute()),
        "artifact_keys": [str(file.absolute()) for file in config.artifact_keys] or None,
        "order_keys": [str(file.absolute()) for file in config.order_keys] or None,
        "provisioning_template": config.provisioning_template,
    }
    # A JSON string, or a list of them, is TOML as well, as long as it holds no escaped surrogates.
    return "".join(
        f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in lines.items() if value is not None
    )
