"""Registering a device: a thing, a certificate and a record, all of them or none."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.devices import Certificate
from edgeflow.use_cases.devices.ports import IotRegistry
from edgeflow.use_cases.enrolment.ports import Registrations

LEASE: Final = timedelta(minutes=1)
"""How long a try has a device to itself; no request lives as long (API Gateway: 29 s), so after it the try has died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a device needs to connect. The private key, if any, exists nowhere else."""

    device_id: str
    certificate: Certificate
    mqtt_endpoint: str
    mqtt_port: int


@dataclass(frozen=True, slots=True)
class RegisterDevice:
    """Enrol a device in AWS IoT and in the table."""

    devices: Registrations
    iot: IotRegistry
    clock: Clock

    def __call__(self, device_id: str, *, csr: str | None, caller: str) -> Registration:
        """Return what the device needs. A try that died half-way is cleaned up by the next, a minute later.

        The record comes first and names the certificate before it is put to use, so whatever a crash
        leaves behind is found again; until the last step the certificate lets nobody in.

        Raises:
            Conflict: it is registered already, being removed, or being registered by another request.
            InvalidRequest: AWS IoT does not accept the signing request.
        """
        attempt = uuid4().hex
        now = self.clock()
        before = self.devices.begin(
            device_id, attempt=attempt, at=timestamp(now), dead_before=timestamp(now - LEASE), by=caller
        )
        made: list[Certificate] = []
        done = False
        try:
            for arn in sorted(before.certificate_arns) if before else ():
                self.iot.withdraw(device_id, arn)
            endpoint = self.iot.endpoint()
            self.iot.create_thing(device_id)
            certificate = self.iot.create_certificate(csr)
            made.append(certificate)
            self.devices.note_certificate(device_id, certificate.arn, attempt=attempt)
            self.iot.authorise(device_id, certificate.arn)
            self.devices.finish(device_id, certificate.arn, attempt=attempt)
            done = True
        finally:
            if not done:
                self._undo(device_id, made, attempt)
        return Registration(
            device_id=device_id, certificate=certificate, mqtt_endpoint=endpoint.host, mqtt_port=endpoint.port
        )

    def _undo(self, device_id: str, made: list[Certificate], attempt: str) -> None:
        for certificate in made:
            self.iot.withdraw(device_id, certificate.arn)
        # Only who still holds the record may delete the thing: another try may be using it by now. Where a removal took
        # the record away, the thing that was made after it is nobody's.
        record = self.devices.find(device_id)
        if record is None or record.attempt == attempt:
            self.iot.delete_thing(device_id)
            self.devices.abandon(device_id, attempt=attempt)
