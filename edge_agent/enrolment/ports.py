"""What enrolment needs of AWS IoT. ``identity.py`` is the implementation; tests have their own."""

from dataclasses import dataclass
from typing import Protocol


class NotEnrolled(Exception):
    """The device got no certificate, and nothing on it changed; the message is a sentence with the remedy."""


class Refused(NotEnrolled):
    """AWS IoT answered, and says no."""


class Unreachable(NotEnrolled):
    """AWS IoT did not answer in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A certificate (PEM) that lets nobody in yet; ``token`` shows to whom it was given, for an hour."""

    certificate_id: str
    pem: str
    token: str


class Provisioning(Protocol):
    """AWS IoT fleet provisioning, over one connection."""

    def sign(self, request: str) -> Signed:
        """Have a signing request (PEM, PKCS #10) signed. Raises Refused, Unreachable."""

    def register(self, *, template: str, device_id: str, token: str) -> None:
        """Make the certificate good for the device. Raises Refused, Unreachable."""
