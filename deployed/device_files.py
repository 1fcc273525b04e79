"""The files of a registered device: its key and its certificates."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

CERTIFICATE: Final = "certificate.pem"
PRIVATE_KEY: Final = "private.key"
ARTIFACT_KEY: Final = "artifact-key.pem"
ORDER_KEY: Final = "order-key.pem"


def keep(folder: Path, registered: Mapping[str, Any], *, artifact_key: str, order_key: str) -> None:
    """Write a device's keys and certificates into its folder; ``registered`` is the answer of ``POST /v1/devices``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CERTIFICATE).write_text(registered["certificate_pem"])
    (folder / ARTIFACT_KEY).write_text(artifact_key)
    (folder / ORDER_KEY).write_text(order_key)
    descriptor = os.open(folder / PRIVATE_KEY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(registered["private_key"])
