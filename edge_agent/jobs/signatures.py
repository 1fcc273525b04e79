"""Whether a version is one that the device's own cloud published: its signature, checked with keys the device has."""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Self

from awscrt.crypto import EC

from edgeflow.contract.job import Artifact
from edgeflow.contract.signing import fingerprint, statement

_BEGIN: Final = "-----BEGIN PUBLIC KEY-----"
_END: Final = "-----END PUBLIC KEY-----"


class KeyUnusable(ValueError):
    """A file holds no public key that can verify artifacts; the message names it."""


class Untrusted(Exception):
    """An artifact is not signed by a key the device trusts; the message says what it lacks."""


class TrustedKeys:
    """The public keys whose signatures count. With none, nothing is checked."""

    def __init__(self, keys: Mapping[str, EC]) -> None:
        """Trust these keys, by their fingerprint."""
        self._keys = keys

    @classmethod
    def read(cls, files: Iterable[Path]) -> Self:
        """Read a key from each file (PEM, as ``openssl`` and KMS' console write it).

        Raises:
            KeyUnusable: a file cannot be read or holds something else.
        """
        keys: dict[str, EC] = {}
        for file in files:
            der = _read_key(file)
            try:
                keys[fingerprint(der)] = EC.new_key_from_der_data(der)
            except RuntimeError as error:
                message = f"{file} holds no public key on an elliptic curve; use that of the stack's signing key"
                raise KeyUnusable(message) from error
        return cls(keys)

    def require(self, artifact: Artifact, *, flow_id: str, version: int) -> None:
        """Return when the artifact is signed as this version of this flow, or no keys are trusted.

        Raises:
            Untrusted: it is not.
        """
        if not self._keys:
            return
        signature = artifact.signature
        if signature is None:
            message = "the artifact has no signature, and this device runs only what is signed; publish the flow anew"
            raise Untrusted(message)
        key = self._keys.get(signature.key)
        if key is None:
            message = (
                f"the artifact is signed by the key {signature.key[:16]}…, which this device does not trust; "
                "add the key to artifact_keys in the agent's settings, if it is the stack's"
            )
            raise Untrusted(message)
        said = statement(flow_id=flow_id, version=version, sha256=artifact.sha256, size=artifact.size)
        try:
            holds = key.verify(hashlib.sha256(said).digest(), base64.b64decode(signature.value, validate=True))
        except (binascii.Error, RuntimeError):
            holds = False
        if not holds:
            message = f"the signature does not fit version {version} of {flow_id}: this is not what was published"
            raise Untrusted(message)


NO_KEYS: Final = TrustedKeys({})
"""Of a device that was given none, which takes every version that its cloud sends."""


def _read_key(file: Path) -> bytes:
    try:
        text = file.read_text(encoding="ascii")
        _, begin, rest = text.partition(_BEGIN)
        body, end, _ = rest.partition(_END)
        if not (begin and end):
            message = f"{file} holds no public key in PEM"
            raise KeyUnusable(message)
        return base64.b64decode("".join(body.split()), validate=True)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise KeyUnusable(message) from error
    except (UnicodeDecodeError, binascii.Error) as error:
        message = f"{file} holds no public key in PEM"
        raise KeyUnusable(message) from error
