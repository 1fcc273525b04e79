"""The whole examination, in the order in which one thing depends on another."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge_agent.cloud.connection import HTTPS_PORT
from edge_agent.config import ConfigError, load_config
from edge_agent.disk.secrets import credentials_of
from edge_agent.doctor.clock import check_clock, check_offset, check_synchronisation, kernel_is_synchronised
from edge_agent.doctor.data import check_data
from edge_agent.doctor.disk import Measure, check_disk, check_ownership
from edge_agent.doctor.finding import Finding, Level, fail, ok, warn
from edge_agent.doctor.iot import check_iot
from edge_agent.doctor.keys import check_certificate, check_key
from edge_agent.doctor.network import check_way, endpoint_time
from edge_agent.doctor.trust import check_trust

UNIT_CREDENTIALS: Final = Path("/run/credentials/edgeflow-agent.service")
"""Where systemd puts those of the agent's unit, readable by its user."""


def _now() -> datetime:
    return datetime.now(UTC)


def _agents_credentials() -> Path | None:
    """Return where systemd puts the credentials of the unit, while it runs; None when they are not to be seen."""
    given = credentials_of(os.environ)
    if given is not None:
        return given
    return UNIT_CREDENTIALS if os.access(UNIT_CREDENTIALS, os.R_OK | os.X_OK) else None


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What the checks ask; the defaults are the device's own. ``timeout`` is in seconds, for each step on the way."""

    now: Callable[[], datetime] = _now
    is_synchronised: Callable[[], bool | None] = kernel_is_synchronised
    measure: Measure = os.statvfs
    https_port: int = HTTPS_PORT
    timeout: float = 10.0
    credentials: Callable[[], Path | None] = _agents_credentials


def examine(settings: Path, sources: Sources) -> Iterator[Finding]:
    """Return what is found, one after another. Nothing is changed, on the device or in the cloud."""
    try:
        config = load_config(settings)
    except ConfigError as error:
        yield fail(
            "settings", "; ".join(line.strip() for line in str(error).splitlines()), "see docs/agent.md, Settings"
        )
        return
    yield ok("settings", f"{settings} is read, of device {config.device_id}")
    now = sources.now()
    yield check_clock(config, now)
    yield check_synchronisation(sources.is_synchronised)
    yield check_certificate(config, now)
    yield from check_key(config)
    yield from check_trust(config)
    reached = usable = False
    for finding in check_way(config, sources.timeout):
        reached = reached or finding.name == "tcp"
        usable = finding.name == "tls" and finding.level is Level.OK
        yield finding
    if reached:
        theirs = endpoint_time(config, sources.https_port, sources.timeout)
        yield check_offset(sources.now(), theirs)
    if usable:
        yield from check_iot(config, sources.timeout)
    else:
        yield warn("mqtt", "it was not tried, for the way to AWS IoT is not free", "mend what fails above")
    yield from check_disk(config.data_directory, sources.measure)
    yield check_ownership(config.data_directory)
    yield from check_data(config, sources.credentials())
