"""Private keys, and signing requests for them."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_MAX_COMMON_NAME = 64  # X.520: ub-common-name


def make_key() -> bytes:
    """Return a new private key on the curve P-256 (PEM, PKCS #8, not encrypted)."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def signing_request(key: bytes, device_id: str) -> str:
    """Return a signing request (PEM, PKCS #10) for a key; it holds the public half alone."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device_id[:_MAX_COMMON_NAME])])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(_private(key), hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def belong_together(certificate: bytes, key: bytes) -> bool:
    """Tell whether a certificate (PEM) is for this key; not when either cannot be read."""
    try:
        public = x509.load_pem_x509_certificate(certificate).public_key()
        return public == _private(key).public_key()
    except (ValueError, TypeError):
        return False


def expires_at(certificate: bytes) -> datetime:
    """Return when a certificate (PEM) ceases to be good, in UTC. Raises ValueError when it cannot be read."""
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc


def _private(key: bytes) -> ec.EllipticCurvePrivateKey:
    private = serialization.load_pem_private_key(key, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        message = "the key is not one that this agent makes"
        raise TypeError(message)
    return private
