"""Requests and answers of ``/v1/devices``."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationInfo, field_validator

from edgeflow.contract.enrolment import MAX_CLAIMED_ID_LENGTH
from edgeflow.contract.ids import DeviceId
from edgeflow.contract.report import NodeActivity, NodeHealth, Vitals
from edgeflow.contract.rest.unreadable import UnreadableDevice, UnreadableInstall

MAX_CSR_LENGTH: Final = 4_096  # AWS IoT: certificateSigningRequest

RESERVED_IDS: Final = frozenset({"summary"})
"""Names under ``/v1/devices/`` that are something else than a device."""

CSR_PATTERN: Final = (
    r"^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----[A-Za-z0-9+/=\s]+-----END (NEW )?CERTIFICATE REQUEST-----\s*$"
)

CertificateRequest = Annotated[str, StringConstraints(max_length=MAX_CSR_LENGTH, pattern=CSR_PATTERN)]


class RegisterDevice(BaseModel):
    """Body of ``POST /v1/devices``.

    ``enrolment`` is ``certificate``: it gets one now; with ``csr`` (PEM, PKCS #10) it keeps its own private key. Or it
    is ``claim``: the device is announced, and gets its certificate by fleet provisioning; with ``re_enrol`` also one
    that is registered already.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    device_id: DeviceId
    enrolment: Literal["certificate", "claim"] = "certificate"
    csr: CertificateRequest | None = None
    re_enrol: bool = False

    @field_validator("device_id")
    @classmethod
    def _not_an_address(cls, device_id: str) -> str:
        if device_id in RESERVED_IDS:
            message = f"/v1/devices/{device_id} is no device; choose another device_id"
            raise ValueError(message)
        return device_id

    @field_validator("enrolment")
    @classmethod
    def _short_enough(cls, enrolment: str, so_far: ValidationInfo) -> str:
        if enrolment == "claim" and len(so_far.data.get("device_id", "")) > MAX_CLAIMED_ID_LENGTH:
            message = f"a device that enrols by claim has a device_id of at most {MAX_CLAIMED_ID_LENGTH} characters"
            raise ValueError(message)
        return enrolment

    @field_validator("csr")
    @classmethod
    def _not_with_a_claim(cls, csr: str | None, so_far: ValidationInfo) -> str | None:
        if csr is not None and so_far.data.get("enrolment") == "claim":
            message = "a device that enrols by claim sends its signing request to AWS IoT itself; leave csr out"
            raise ValueError(message)
        return csr

    @field_validator("re_enrol")
    @classmethod
    def _only_with_a_claim(cls, re_enrol: bool, so_far: ValidationInfo) -> bool:  # noqa: FBT001  pydantic's signature
        if re_enrol and so_far.data.get("enrolment") != "claim":
            message = 'goes with "enrolment": "claim" alone'
            raise ValueError(message)
        return re_enrol


class RegisteredDevice(BaseModel):
    """Answer of ``POST /v1/devices``. ``private_key`` is there once, and only when no ``csr`` was sent."""

    device_id: str
    certificate_arn: str
    certificate_pem: str
    private_key: str | None = None
    mqtt_endpoint: str
    mqtt_port: int
    topic_rules: str
    """What the names of the topic rules that take its reports begin with; the agent's setting of the same name."""


class AnnouncedDevice(BaseModel):
    """Answer of ``POST /v1/devices`` to ``"enrolment": "claim"``: what the device needs to enrol, beside a claim."""

    device_id: str
    state: str
    mqtt_endpoint: str
    mqtt_port: int
    provisioning_template: str
    topic_rules: str
    """What the names of the topic rules that take its reports begin with; the agent's setting of the same name."""


class RunningFlowView(BaseModel):
    """One flow on a device, by its own word. Slot, health, since and measures are null until it reported them.

    ``running`` is false for a version that the device is to run and does not, null until it said so.
    ``reason`` is null but where more is wrong than that nodes are not well.
    """

    flow_id: str
    version: int
    slot: str | None
    live: bool | None
    running: bool | None
    health: str | None
    reason: str | None
    since: str | None
    nodes: list[NodeHealth]
    messages_per_minute: float | None
    dropped: int | None
    activity: list[NodeActivity]
    deployment_id: str | None


class DeviceSummary(BaseModel):
    """A device in a list. ``state`` is announced or registered.

    ``connected`` is null until AWS IoT told of it, ``last_seen`` until it was heard of. ``health`` is that of its live
    flow that is worst off, null where it reported none.
    """

    device_id: str
    state: str
    connected: bool | None
    last_seen: str | None
    health: str | None
    agent_version: str | None
    registered_at: str | None
    registered_by: str | None


class DeviceView(DeviceSummary):
    """A device with the flows it runs. ``vitals`` are null until it reported them."""

    connection_changed_at: str | None
    vitals: Vitals | None
    certificate_arn: str | None
    flows: list[RunningFlowView | UnreadableInstall]


class DevicePage(BaseModel):
    """Answer of ``GET /v1/devices``, by device id."""

    devices: list[DeviceSummary | UnreadableDevice]
    next_cursor: str | None
