"""How a published version is signed, so that a device knows it for one of its own cloud's.

A signature is ECDSA on P-256 over the SHA-256 of :func:`statement`. It binds the bytes to their flow and version:
neither other bytes nor another flow's can be passed off as this one.
"""

import hashlib
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from edgeflow.contract.ids import Sha256

_SCHEMA: Final = "edgeflow.artifact/1"
MAX_SIGNATURE_LENGTH: Final = 160
"""Characters of Base64; a DER signature on P-256 has at most 72 bytes."""


class ArtifactSignature(BaseModel):
    """A signature in Base64 (DER), and the SHA-256 of the public key (DER SubjectPublicKeyInfo) that verifies it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    key: Sha256
    value: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]+={0,2}$")] = Field(max_length=MAX_SIGNATURE_LENGTH)


def statement(*, flow_id: str, version: int, sha256: str, size: int) -> bytes:
    """Return what is signed: that these bytes (by SHA-256 and size in bytes) are this version of this flow."""
    return f"{_SCHEMA}\n{flow_id}\n{version}\n{sha256}\n{size}\n".encode()


def fingerprint(public_key: bytes) -> str:
    """Return the name of a public key (DER SubjectPublicKeyInfo) in signatures: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(public_key).hexdigest()
