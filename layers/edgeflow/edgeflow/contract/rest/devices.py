"""Requests and answers of ``/v1/devices``."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

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

    device_id: Annotated[
        DeviceId,
        Field(description="The name of its AWS IoT thing; not `summary`, and of at most 122 characters with a claim"),
    ]
    enrolment: Annotated[
        Literal["certificate", "claim"],
        Field(
            description="`certificate`: it gets one now; `claim`: it is announced, and gets one by AWS IoT fleet "
            "provisioning"
        ),
    ] = "certificate"
    csr: Annotated[
        CertificateRequest | None,
        Field(
            description="A certificate signing request, so that the device keeps its private key to itself; not "
            "with a claim"
        ),
    ] = None
    re_enrol: Annotated[
        bool,
        Field(description="Let a device that is registered already enrol by claim once more"),
    ] = False

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

    device_id: Annotated[str, Field(description="The device")]
    certificate_arn: Annotated[str, Field(description="The ARN of its certificate")]
    certificate_pem: Annotated[str, Field(description="Its certificate")]
    private_key: Annotated[
        str | None,
        Field(description="In this one answer, and kept nowhere; null where a `csr` was sent"),
    ] = None
    mqtt_endpoint: Annotated[str, Field(description="The host that it connects to")]
    mqtt_port: Annotated[int, Field(description="The port there")]
    topic_rules: Annotated[
        str,
        Field(
            description="What the names of the topic rules that take its reports begin with; the agent's setting "
            "of the same name"
        ),
    ]


class AnnouncedDevice(BaseModel):
    """Answer of ``POST /v1/devices`` to ``"enrolment": "claim"``: what the device needs to enrol, beside a claim."""

    device_id: Annotated[str, Field(description="The device")]
    state: Annotated[str, Field(description="`announced`, or `registered` where it enrols once more")]
    mqtt_endpoint: Annotated[str, Field(description="The host that it connects to")]
    mqtt_port: Annotated[int, Field(description="The port there")]
    provisioning_template: Annotated[str, Field(description="What it enrols by, beside a claim")]
    topic_rules: Annotated[
        str,
        Field(
            description="What the names of the topic rules that take its reports begin with; the agent's setting "
            "of the same name"
        ),
    ]


class RunningFlowView(BaseModel):
    """One flow on a device, by its own word. Slot, health, since and measures are null until it reported them.

    ``running`` is false for a version that the device is to run and does not, null until it said so.
    ``reason`` is null but where more is wrong than that nodes are not well.
    """

    flow_id: Annotated[str, Field(description="The id of the flow")]
    version: Annotated[int, Field(description="The version that it has")]
    slot: Annotated[str | None, Field(description="`blue` or `green`")]
    live: Annotated[bool | None, Field(description="Whether this version is the live one, and not a staged one")]
    running: Annotated[
        bool | None,
        Field(description="False: it is to run that version, and does not, as when it cannot be started"),
    ]
    health: Annotated[str | None, Field(description="`starting`, `healthy` or `unhealthy`")]
    reason: Annotated[
        str | None,
        Field(description="A stable code such as `crash_loop`, where more is wrong than nodes"),
    ]
    since: Annotated[str | None, Field(description="Since when it has this health")]
    nodes: Annotated[list[NodeHealth], Field(description="Those that are not well")]
    messages_per_minute: Annotated[float | None, Field(description="What its nodes get together")]
    dropped: Annotated[int | None, Field(description="Messages that they lost since the version was started")]
    activity: Annotated[list[NodeActivity], Field(description="Nodes that dropped messages, failed, or were busiest")]
    deployment_id: Annotated[str | None, Field(description="The deployment that brought it")]


class DeviceSummary(BaseModel):
    """A device in a list. ``state`` is announced or registered.

    ``connected`` is null until AWS IoT told of it, ``last_seen`` until it was heard of. ``health`` is that of its live
    flow that is worst off, null where it reported none.
    """

    device_id: Annotated[str, Field(description="The device")]
    state: Annotated[str, Field(description="`announced` or `registered`")]
    connected: Annotated[bool | None, Field(description="What AWS IoT says of it; null until it has said so")]
    last_seen: Annotated[str | None, Field(description="When it was heard of last; null until it was")]
    health: Annotated[
        str | None,
        Field(
            description="That of its live flow that is worst off: `unhealthy`, `starting` or `healthy`; null "
            "where it reported none"
        ),
    ]
    agent_version: Annotated[str | None, Field(description="The agent's version, by its newest report")]
    registered_at: Annotated[str | None, Field(description="When it was registered, or announced")]
    registered_by: Annotated[str | None, Field(description="By whom")]


class DeviceView(DeviceSummary):
    """A device with the flows it runs. ``vitals`` are null until it reported them."""

    connection_changed_at: Annotated[
        str | None,
        Field(description="When it connected or disconnected last; null until AWS IoT told of it"),
    ]
    vitals: Annotated[Vitals | None, Field(description="The device itself; null until it reported them")]
    certificate_arn: Annotated[
        str | None,
        Field(description="The certificate that it last connected with; null before"),
    ]
    flows: Annotated[list[RunningFlowView | UnreadableInstall], Field(description="Each flow that it has")]


class DevicePage(BaseModel):
    """Answer of ``GET /v1/devices``, by device id."""

    devices: list[DeviceSummary | UnreadableDevice]
    next_cursor: str | None
