"""Stands for AWS IoT's fleet provisioning: signs requests, and keeps all that the device sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge_agent.enrolment.ports import NotEnrolled, Signed
from tests.unit.edge_agent.device import NOON


class Authority:
    """Implements enrolment.ports.Provisioning. ``refusal`` is raised by the step of its name."""

    def __init__(self, *, until: datetime = NOON + timedelta(days=365)) -> None:
        """Sign certificates that are good until then."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._until = until
        self.sent: list[str] = []
        self.registered: list[str] = []
        """Certificates (PEM) that are good."""
        self.refusal: dict[str, NotEnrolled] = {}
        self.for_another_key = False
        self._signed: dict[str, str] = {}

    @contextmanager
    def connected(self) -> Iterator["Authority"]:
        """Stand for a connection."""
        if "connect" in self.refusal:
            raise self.refusal["connect"]
        yield self

    def sign(self, request: str) -> Signed:
        self.sent.append(request)
        if "sign" in self.refusal:
            raise self.refusal["sign"]
        asked = x509.load_pem_x509_csr(request.encode())
        assert asked.is_signature_valid
        public = self._key.public_key() if self.for_another_key else asked.public_key()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(asked.subject)
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOON - timedelta(days=1))
            .not_valid_after(self._until)
            .sign(self._key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        token = f"token {len(self._signed)}"
        self._signed[token] = pem
        return Signed(certificate_id=certificate.fingerprint(hashes.SHA256()).hex(), pem=pem, token=token)

    def register(self, *, template: str, device_id: str, token: str) -> None:
        self.sent += [template, device_id, token]
        if "register" in self.refusal:
            raise self.refusal["register"]
        self.registered.append(self._signed[token])
