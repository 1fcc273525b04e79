"""What registering devices, enrolment by claim and the rotation of certificates need of the outside."""

from typing import Protocol

from edgeflow.domain.devices import Device


class Registrations(Protocol):
    """Devices at rest, as far as registering goes."""

    def find(self, device_id: str) -> Device | None:
        """Return its record in any state, without its report, or None. Raises CannotBeRead."""

    def begin(self, device_id: str, *, attempt: str, at: str, dead_before: str, by: str) -> Device | None:
        """Start registering, or take over a registration that began before ``dead_before`` and was left half-done.

        Returns the record of the try taken over, if any. Raises Conflict when the device is registered, or being
        registered or removed.
        """

    def note_certificate(self, device_id: str, certificate_arn: str, *, attempt: str) -> None:
        """Remember a certificate before it is put to use. Raises Conflict when another try took over."""

    def finish(self, device_id: str, certificate_arn: str, *, attempt: str) -> None:
        """Make it registered, with this certificate only. Raises Conflict when another try took over."""

    def abandon(self, device_id: str, *, attempt: str) -> bool:
        """Forget a try that failed and was cleaned up. False: another try took over."""


class Enrolments(Protocol):
    """Devices at rest, as far as their certificates go. Certificates are named by their ARN."""

    def find(self, device_id: str) -> Device | None:
        """Return its record in any state, or None."""

    def announce(self, device_id: str, *, at: str, by: str) -> Device:
        """Expect the device to enrol by claim. Repeatable.

        Raises:
            Conflict: it is registered, being registered, or being removed.
        """

    def permit_again(self, device_id: str) -> Device:
        """Let a registered device enrol by claim once more. Repeatable. Raises Conflict: it is not registered."""

    def withdraw_announcement(self, device_id: str) -> None:
        """Forget an announced device that got no certificate yet; nothing when it got one."""

    def note_claimed(self, device_id: str, certificate: str, *, most: int) -> Device | None:
        """Remember a certificate that is about to be given out for a claim.

        None: the device may not enrol now, or more than ``most`` certificates would be on its record.
        """

    def note_rotated(
        self,
        device_id: str,
        certificate: str,
        *,
        presented: str,
        replaces: frozenset[str],
        at: str,
        none_since: str,
    ) -> Device | None:
        """Remember a certificate that is about to be given out to the device, which connected with ``presented``.

        That one is then its current one, and those that it replaces are to be revoked. None: it is not the device's,
        the device is not registered, or another certificate was given out after ``none_since`` and has not connected
        yet. Times are ISO 8601 UTC.
        """

    def confirm(self, device_id: str, certificate: str, *, replaces: frozenset[str]) -> bool:
        """Make this certificate, which has connected, the current one in place of those, and the device registered.

        Nothing more can be claimed then. False: the certificate is not, or no longer, one that may be used.
        """

    def drop(self, device_id: str, certificate: str) -> None:
        """Forget a certificate that was withdrawn. Repeatable."""
