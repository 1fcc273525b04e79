"""A device: what the cloud knows of it, and how what it says is merged with what was deployed to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edgeflow.contract.report import FlowHealth, HealthReport
from edgeflow.domain.unreadable import Unreadable


class DeviceState(StrEnum):
    """How far a device's registration got. Only registered devices exist for the rest of the system."""

    REGISTERING = "registering"
    """Begun; certificates named on the record may exist. Registering again cleans up and completes it."""
    ANNOUNCED = "announced"
    """An operator expects it to enrol by claim. Certificates named on the record were given out; none has connected."""
    REGISTERED = "registered"
    REMOVING = "removing"
    """Being removed. Removing again completes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device at rest. ``connected`` is None until AWS IoT told of its presence. Times are ISO 8601 UTC."""

    id: str
    state: DeviceState
    attempt: str
    """Tells one try of registering the device from another."""
    certificate_arns: frozenset[str] = frozenset()
    """Every certificate that may exist for it: the one in use, and those that have not connected yet."""
    current_certificate: str | None = None
    """The certificate that it last proved to have; None before the first."""
    replaced_certificates: frozenset[str] = frozenset()
    """Those that are being revoked."""
    claimable: bool = False
    """Whether it may enrol by claim."""
    registered_at: str | None = None
    registered_by: str | None = None
    connected: bool | None = None
    connection_changed_at: str | None = None
    last_seen: str | None = None
    report: HealthReport | None = None
    reported_at: datetime | None = None
    """When AWS IoT took the newest report in."""
    presence: "Presence | None" = None
    """The newest event on its connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledFlow:
    """What was last deployed to a device of one flow, and the deployment that claims it now."""

    flow_id: str
    version: int | None
    deployment_id: str | None
    claimed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningFlow:
    """One flow on a device. ``reported`` is the device's own word, absent before its first report of the flow."""

    flow_id: str
    version: int
    deployment_id: str | None
    reported: FlowHealth | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """AWS IoT's word that a device connected or disconnected.

    ``connection`` numbers the connections of one client id; the two events of a connection share it, and
    it starts again from 0 after about an hour without one. ``at_ms`` is in milliseconds since 1970.
    """

    device_id: str
    connected: bool
    connection: int
    at_ms: int
    certificate_id: str | None = None
    """The certificate that it connected with; None where AWS IoT named none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where devices connect by MQTT with mutual TLS; the port is that of AWS IoT."""

    host: str
    port: int = 8883


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A device certificate, as made. ``private_key`` is absent when the device made its own."""

    arn: str
    pem: str
    private_key: str | None


def why_offline(device: Device | Unreadable) -> str | None:
    """Say why a device counts as not connected; None while it is connected, by the newest word of AWS IoT.

    Of one that never connected, and of one whose record cannot be read, nobody knows that it is connected.
    """
    if isinstance(device, Unreadable):
        return "its record cannot be read"
    if device.connected:
        return None
    if device.connected is None:
        return "nothing was heard of a connection so far"
    return f"gone since {device.connection_changed_at or 'an unknown moment'}"


def running_flows(report: HealthReport | None, installs: Iterable[InstalledFlow]) -> list[RunningFlow]:
    """Merge what a device reports with what was deployed to it, by flow and slot.

    The device's own word on versions wins; the deployment is named only where both agree. A flow that
    was deployed but not yet reported is listed without health.
    """
    installed = {install.flow_id: install for install in installs}
    running = []
    for flow in report.flows if report else ():
        install = installed.get(flow.flow_id)
        deployment_id = install.deployment_id if install and install.version == flow.version else None
        running.append(
            RunningFlow(flow_id=flow.flow_id, version=flow.version, deployment_id=deployment_id, reported=flow)
        )
    told = {flow.flow_id for flow in running}
    running.extend(
        RunningFlow(
            flow_id=install.flow_id, version=install.version, deployment_id=install.deployment_id, reported=None
        )
        for install in installed.values()
        if install.flow_id not in told and install.version is not None
    )
    return sorted(running, key=lambda flow: (flow.flow_id, flow.version))
