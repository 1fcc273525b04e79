"""Who may get a certificate by AWS IoT fleet provisioning: a device that was announced, or one that renews its own."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from edgeflow.contract.enrolment import CLAIM_CLIENT_PREFIX, claim_client_id
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.devices import Device, DeviceState
from edgeflow.domain.errors import CannotBeRead
from edgeflow.use_cases.enrolment.ports import Enrolments

MAX_CERTIFICATES: Final = 5
"""On one record. A device that died before it kept its certificate tries again, but not for ever."""
ROTATION_PAUSE: Final = timedelta(minutes=10)
"""Within it, one certificate at a time is renewed: what has not connected by then never will, and by then the word of a
connection has come, so that the word on an older certificate cannot be taken for one on the newest."""


class Refusal(StrEnum):
    """Why a certificate is not given out. Logged; the device is told no more than that it is refused."""

    UNKNOWN = "unknown_device"
    NOT_REGISTERED = "not_registered"
    ENROLLED = "enrolled_already"
    TOO_MANY = "too_many_certificates"
    OTHER_CLIENT = "client_of_another_name"
    OTHER_CERTIFICATE = "certificate_of_another"
    TOO_SOON = "rotated_just_now"
    UNREADABLE = "unreadable_record"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningRequest:
    """What AWS IoT tells of a RegisterThing. Only ``device_id`` is the device's own word.

    ``client_id`` and ``presented`` (the certificate's ARN) are those of its connection; ``certificate`` is the one that
    it would get.
    """

    device_id: str
    certificate: str
    client_id: str
    presented: str


@dataclass(frozen=True, slots=True)
class AllowProvisioning:
    """Decide about one certificate, and put it on the record before it is good for anything."""

    devices: Enrolments
    clock: Clock

    def __call__(self, request: ProvisioningRequest) -> Refusal | None:
        """Return why it is refused; None: it is allowed, and DELETE of the device would find and revoke it.

        A claim connects as ``claim.{device}``, which the policy of no device allows; a device connects under its own
        name, which the policy of no claim allows. So what the connection presents tells the two apart.
        """
        try:
            if request.client_id.startswith(CLAIM_CLIENT_PREFIX):
                return self._claim(request)
            return self._rotation(request)
        except CannotBeRead:
            return Refusal.UNREADABLE

    def _claim(self, request: ProvisioningRequest) -> Refusal | None:
        if request.client_id != claim_client_id(request.device_id):
            return Refusal.OTHER_CLIENT
        if self.devices.note_claimed(request.device_id, request.certificate, most=MAX_CERTIFICATES) is not None:
            return None
        device = self.devices.find(request.device_id)
        if device is None:
            return Refusal.UNKNOWN
        if device.state not in {DeviceState.ANNOUNCED, DeviceState.REGISTERED}:
            return Refusal.NOT_REGISTERED
        return Refusal.TOO_MANY if device.claimable else Refusal.ENROLLED

    def _rotation(self, request: ProvisioningRequest) -> Refusal | None:
        if request.client_id != request.device_id:
            return Refusal.OTHER_CLIENT
        now = self.clock()
        before = self.devices.find(request.device_id)
        noted = self.devices.note_rotated(
            request.device_id,
            request.certificate,
            presented=request.presented,
            replaces=_given_up(before, request) if before is not None else frozenset(),
            at=timestamp(now),
            none_since=timestamp(now - ROTATION_PAUSE),
        )
        if noted is not None:
            return None
        return _why_not_renewed(self.devices.find(request.device_id), request)


def _given_up(device: Device, request: ProvisioningRequest) -> frozenset[str]:
    """Return the certificates that the device had time to connect with, and did not: it came back with another one.

    While a claim is permitted there are none, for they may be those of the device's new disk.
    """
    if device.claimable:
        return frozenset()
    return device.certificate_arns - {request.presented, request.certificate}


def _why_not_renewed(device: Device | None, request: ProvisioningRequest) -> Refusal:
    if device is None:
        return Refusal.UNKNOWN
    if device.state is not DeviceState.REGISTERED:
        return Refusal.NOT_REGISTERED
    if request.presented not in device.certificate_arns - device.replaced_certificates:
        return Refusal.OTHER_CERTIFICATE
    return Refusal.TOO_SOON
