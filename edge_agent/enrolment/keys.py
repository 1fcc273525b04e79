"""Private keys, and signing requests for them.

``cryptography`` is loaded by who calls, not by who imports: it takes 8 MiB, which a device that did not enrol by claim
has no use for.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_MAX_COMMON_NAME: Final = 64  # X.520: ub-common-name


def make_key() -> bytes:
    """Return a new private key on the curve P-256 (PEM, PKCS #8, not encrypted)."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  see above
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def signing_request(key: bytes, device_id: str) -> str:
    """Return a signing request (PEM, PKCS #10) for a key; it holds the public half alone."""
    from cryptography import x509  # noqa: PLC0415  see above
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device_id[:_MAX_COMMON_NAME])])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(_private(key), hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def belong_together(certificate: bytes, key: bytes) -> bool:
    """Tell whether a certificate (PEM) is for this key; not when either cannot be read."""
    from cryptography import x509  # noqa: PLC0415  see above

    try:
        public = x509.load_pem_x509_certificate(certificate).public_key()
        return public == _private(key).public_key()
    except (ValueError, TypeError):
        return False


def expires_at(certificate: bytes) -> datetime:
    """Return when a certificate (PEM) ceases to be good, in UTC. Raises ValueError when it cannot be read."""
    from cryptography import x509  # noqa: PLC0415  see above

    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc


def _private(key: bytes) -> "EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  see above
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    private = serialization.load_pem_private_key(key, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        message = "the key is not one that this agent makes"
        raise TypeError(message)
    return private
