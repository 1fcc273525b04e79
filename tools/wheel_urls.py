# ruff: noqa: INP001  hatchling loads it by its path
"""The address that the wheel names: that of the repository which it is built from.

Hatchling asks for it while a wheel is built. ``EDGEFLOW_REPOSITORY`` says it; else git's remote ``origin`` does.
A clone of a folder, or of an address that others cannot reach, names none: metadata that points nowhere is worse.
"""

import os
import re
import subprocess
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from hatchling.metadata.plugin.interface import MetadataHookInterface

SETTING: Final = "EDGEFLOW_REPOSITORY"
_BY_SSH: Final = re.compile(r"(?:ssh://)?[\w.-]+@(?P<host>[\w.-]+)(?::\d+(?=/))?[:/]/*(?P<path>.+)")


class WheelUrls(MetadataHookInterface):
    """Fills in ``[project.urls]``."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Name the repository, if it has an address."""
        address = public_address(os.environ.get(SETTING) or _origin(self.root))
        metadata["urls"] = {"Repository": address} if address else {}


def public_address(remote: str) -> str | None:
    """Return a remote's address for browsers, without what it logs in with; None: it has none that others can reach."""
    by_ssh = _BY_SSH.fullmatch(remote.strip())
    try:
        address = urlsplit(f"https://{by_ssh['host']}/{by_ssh['path']}" if by_ssh else remote.strip())
        host, port, path = address.hostname, address.port, address.path.strip("/").removesuffix(".git")
    except ValueError:  # it is no address, or its port is no number
        return None
    if address.scheme != "https" or host is None or not _is_public(host) or not path:
        return None
    return f"https://{host}{f':{port}' if port else ''}/{path}"


def _is_public(host: str) -> bool:
    """Tell whether it is a name that others know too; a number is that of a machine of this network, as a rule."""
    try:
        ip_address(host)
    except ValueError:
        return "." in host
    return False


def _origin(root: str) -> str:
    """Return where a clone comes from; nothing if it is none, wherever the folder lies."""
    command = ["git", "-C", root, "remote", "get-url", "origin"]
    alone = os.environ | {"GIT_CEILING_DIRECTORIES": str(Path(root).parent)}
    try:
        asked = subprocess.run(command, env=alone, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603  built above
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout if asked.returncode == 0 else ""
