"""How published versions and orders are signed, so that a device knows them for its own cloud's.

Each is signed by a key of its own, with ECDSA on P-256 over a SHA-256. Of a version that is the hash of
:func:`statement`, which binds the bytes to their flow and version: neither other bytes nor another flow's can be passed
off as this one. Of an order it is the hash of :func:`order_message`.
"""

import hashlib
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from edgeflow.contract.ids import Sha256

_SCHEMA: Final = "edgeflow.artifact/1"
MAX_SIGNATURE_LENGTH: Final = 160
"""Characters of Base64; a DER signature on P-256 has at most 72 bytes."""


MAX_PAYLOAD_LENGTH: Final = 32_768
"""Characters of a signed order; AWS IoT's documents have no more bytes."""
_ORDER_DOMAIN: Final = b"edgeflow.order/1\n"

SignatureValue = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=MAX_SIGNATURE_LENGTH)]
"""A signature (DER) in Base64."""


class ArtifactSignature(BaseModel):
    """A signature in Base64 (DER), and the SHA-256 of the public key (DER SubjectPublicKeyInfo) that verifies it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    key: Sha256
    value: SignatureValue


class SignedOrder(BaseModel):
    """An order as it was signed: ``payload`` is the JSON of an ``edgeflow.order/1``, as a string.

    A string, because whatever stands between signer and device may write JSON anew, but keeps what a string holds: what
    is verified is what is read, and no canonical form is needed. ``key`` and ``value`` are as in
    :class:`ArtifactSignature`.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    payload: str = Field(min_length=1, max_length=MAX_PAYLOAD_LENGTH)
    key: Sha256
    value: SignatureValue


def statement(*, flow_id: str, version: int, sha256: str, size: int) -> bytes:
    """Return what is signed: that these bytes (by SHA-256 and size in bytes) are this version of this flow."""
    return f"{_SCHEMA}\n{flow_id}\n{version}\n{sha256}\n{size}\n".encode()


def order_message(payload: str) -> bytes:
    """Return what is signed of an order. It begins with its own name, so it is never the statement of a version."""
    return _ORDER_DOMAIN + payload.encode()


def fingerprint(public_key: bytes) -> str:
    """Return the name of a public key (DER SubjectPublicKeyInfo) in signatures: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(public_key).hexdigest()
