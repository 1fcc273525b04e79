"""Keys of orders and versions in this process, and moto's AWS KMS as AWS's own signs."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto.kms.utils import ECDSAPrivateKey

from edgeflow.contract.signing import fingerprint
from edgeflow.domain.flows import Signature

_DIGEST_BYTES: Final = 32


class LocalKey:
    """A key on P-256; implements ``Signer``."""

    def __init__(self) -> None:
        """Make a new one."""
        self._private = generate_private_key(SECP256R1())
        public = self._private.public_key()
        self.der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.name = fingerprint(self.der)
        self.pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, statement: bytes) -> Signature:
        """Return the signature of a statement; always the same one, so that worlds can be compared."""
        value = self._private.sign(statement, ECDSA(SHA256(), deterministic_signing=True))
        return Signature(key=self.name, value=base64.b64encode(value).decode())

    def write(self, path: Path) -> Path:
        """Write the public half to a file, as PEM; returns its path."""
        path.write_text(self.pem)
        return path


@contextmanager
def digests_are_signed() -> Iterator[None]:
    """Let moto sign a digest: it takes ``MessageType`` and hashes once more whatever came, where AWS KMS does not."""

    def sign(self: ECDSAPrivateKey, message: bytes, signing_algorithm: str) -> bytes:
        assert (len(message), signing_algorithm) == (_DIGEST_BYTES, "ECDSA_SHA_256"), "all that we sign are digests"
        return self.private_key.sign(message, ECDSA(Prehashed(SHA256())))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ECDSAPrivateKey, "sign", sign)
        yield
