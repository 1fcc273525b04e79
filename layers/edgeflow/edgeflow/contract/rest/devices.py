"""Requests and answers of ``/v1/devices``."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

from edgeflow.contract.ids import DeviceId
from edgeflow.contract.report import NodeActivity, NodeHealth, Vitals

MAX_CSR_LENGTH: Final = 4_096  # AWS IoT: certificateSigningRequest

_PEM_REQUEST: Final = (
    r"^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----[A-Za-z0-9+/=\s]+-----END (NEW )?CERTIFICATE REQUEST-----\s*$"
)

CertificateRequest = Annotated[str, StringConstraints(max_length=MAX_CSR_LENGTH, pattern=_PEM_REQUEST)]


class RegisterDevice(BaseModel):
    """Body of ``POST /v1/devices``. With ``csr`` (PEM, PKCS #10) the device keeps its own private key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device_id: DeviceId
    csr: CertificateRequest | None = None


class RegisteredDevice(BaseModel):
    """Answer of ``POST /v1/devices``. ``private_key`` is there once, and only when no ``csr`` was sent."""

    device_id: str
    certificate_arn: str
    certificate_pem: str
    private_key: str | None = None
    mqtt_endpoint: str
    mqtt_port: int
    health_topic: str


class RunningFlowView(BaseModel):
    """One flow on a device, by its own word. Slot, health, since and measures are null until it reported them."""

    flow_id: str
    version: int
    slot: str | None
    live: bool | None
    health: str | None
    since: str | None
    nodes: list[NodeHealth]
    messages_per_minute: float | None
    dropped: int | None
    activity: list[NodeActivity]
    deployment_id: str | None


class DeviceSummary(BaseModel):
    """A device in a list. ``connected`` is null until AWS IoT told of it, ``last_seen`` until it was heard of."""

    device_id: str
    connected: bool | None
    last_seen: str | None
    agent_version: str | None
    registered_at: str | None
    registered_by: str | None


class DeviceView(DeviceSummary):
    """A device with the flows it runs. ``vitals`` are null until it reported them."""

    connection_changed_at: str | None
    vitals: Vitals | None
    certificate_arn: str | None
    flows: list[RunningFlowView]


class DevicePage(BaseModel):
    """Answer of ``GET /v1/devices``, by device id."""

    devices: list[DeviceSummary]
    next_cursor: str | None
