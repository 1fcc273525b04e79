"""Keys of orders and versions in this process."""

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edgeflow.contract.signing import fingerprint
from edgeflow.domain.flows import Signature


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
