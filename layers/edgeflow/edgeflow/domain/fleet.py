"""Looking for devices: by connection, health, what they run, their agent's version, and a part of their id.

All of it goes by the newest word on a device: of AWS IoT on its connection, of its own health report on the rest. Of a
flow, the version that is live counts, not one that stands by.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from edgeflow.contract.report import FlowHealth, Health, HealthReport
from edgeflow.domain.devices import Device

UNKNOWN: Final = "unknown"
"""Of a device that nothing was heard about; of health also one that runs no flow."""


class Connection(StrEnum):
    """Whether a device is connected."""

    YES = "true"
    NO = "false"
    UNKNOWN = UNKNOWN


class DeviceHealth(StrEnum):
    """How a device is: as its live flow that is worst off."""

    HEALTHY = Health.HEALTHY.value
    STARTING = Health.STARTING.value
    UNHEALTHY = Health.UNHEALTHY.value
    UNKNOWN = UNKNOWN


_WORST_FIRST: Final = (Health.UNHEALTHY, Health.STARTING, Health.HEALTHY)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFilter:
    """Which devices are looked for; None is any.

    With ``flow_id``, ``version`` and ``health`` are those of that flow on the device; ``version`` goes with it alone.
    ``text`` is a part of the device's id, whatever the case.
    """

    connected: Connection | None = None
    health: DeviceHealth | None = None
    flow_id: str | None = None
    version: int | None = None
    agent_version: str | None = None
    text: str | None = None

    def matches(self, device: Device) -> bool:
        """Tell whether a device is one of those."""
        return (
            self.connected in {None, connection_of(device.connected)}
            and self.agent_version in {None, device.report.agent_version if device.report else None}
            and (self.text is None or self.text.lower() in device.id.lower())
            and self._health_and_flow_match(device.report)
        )

    def _health_and_flow_match(self, report: HealthReport | None) -> bool:
        if self.flow_id is None:
            return self.health in {None, health_of(report)}
        return any(
            flow.flow_id == self.flow_id
            and self.version in {None, flow.version}
            and self.health in {None, DeviceHealth(flow.health.value)}
            for flow in live_flows(report)
        )


ANY_DEVICE: Final = DeviceFilter()


def connection_of(connected: bool | None) -> Connection:  # noqa: FBT001  as a device has it
    """Return whether a device is connected, from what its record says."""
    if connected is None:
        return Connection.UNKNOWN
    return Connection.YES if connected else Connection.NO


def live_flows(report: HealthReport | None) -> Iterator[FlowHealth]:
    """Yield what a device reports of each version that is live."""
    return (flow for flow in (report.flows if report else ()) if flow.live)


def health_of(report: HealthReport | None) -> DeviceHealth:
    """Return how a device is by its own word."""
    told = {flow.health for flow in live_flows(report)}
    return next((DeviceHealth(health.value) for health in _WORST_FIRST if health in told), DeviceHealth.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceGlance:
    """A device, as far as it is counted. ``runs`` are its live flows: id, version and health."""

    connected: Connection
    health: DeviceHealth
    agent_version: str | None
    runs: tuple[tuple[str, int, DeviceHealth], ...]


@dataclass(slots=True, kw_only=True)
class FleetCount:
    """How many devices there are of each kind. ``complete`` is false where there are more than were counted."""

    complete: bool = True
    total: int = 0
    unreadable: int = 0
    connected: Counter[Connection] = field(default_factory=Counter)
    health: Counter[DeviceHealth] = field(default_factory=Counter)
    agent_versions: Counter[str] = field(default_factory=Counter)
    """By the version of the agent; devices that reported none are left out."""
    flows: Counter[tuple[str, int, DeviceHealth]] = field(default_factory=Counter)
    """By flow, version and the health of that flow."""

    def add_unreadable(self) -> None:
        """Count a device of which nothing else can be read."""
        self.total += 1
        self.unreadable += 1

    def add(self, device: DeviceGlance) -> None:
        """Count a device."""
        self.total += 1
        self.connected[device.connected] += 1
        self.health[device.health] += 1
        if device.agent_version is not None:
            self.agent_versions[device.agent_version] += 1
        self.flows.update(set(device.runs))
