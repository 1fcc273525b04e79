"""Whether versions and orders are the device's own cloud's: their signatures, checked with keys the device has."""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal, Self

from awscrt.crypto import EC

from edgeflow.contract.job import Artifact
from edgeflow.contract.signing import SignedOrder, fingerprint, order_message, statement

_BEGIN: Final = "-----BEGIN PUBLIC KEY-----"
_END: Final = "-----END PUBLIC KEY-----"


class KeyUnusable(ValueError):
    """A file holds no public key that can verify signatures; the message names it."""


class Untrusted(Exception):
    """Something is not signed by a key the device trusts; the message says what it lacks."""


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
        key = self._key(signature.key, of="artifact")
        said = statement(flow_id=flow_id, version=version, sha256=artifact.sha256, size=artifact.size)
        if not _holds(key, said, signature.value):
            message = f"the signature does not fit version {version} of {flow_id}: this is not what was published"
            raise Untrusted(message)

    def require_order(self, order: SignedOrder) -> None:
        """Return when one of the keys signed the order as it is.

        Raises:
            Untrusted: none did.
        """
        key = self._key(order.key, of="order")
        if not _holds(key, order_message(order.payload), order.value):
            message = "the signature does not fit the order: this is not what the stack has signed"
            raise Untrusted(message)

    def __bool__(self) -> bool:
        """Tell whether there is any key."""
        return bool(self._keys)

    def _key(self, name: str, *, of: Literal["artifact", "order"]) -> EC:
        key = self._keys.get(name)
        if key is None:
            message = (
                f"the {of} is signed by the key {name[:16]}…, which this device does not trust; "
                f"add the key to {of}_keys in the agent's settings, if it is the stack's"
            )
            raise Untrusted(message)
        return key


NO_KEYS: Final = TrustedKeys({})
"""Of a device that was given none, which takes whatever its cloud sends."""


def _holds(key: EC, said: bytes, value: str) -> bool:
    try:
        signature = base64.b64decode(value, validate=True)
        is_canonical = base64.b64encode(signature).decode() == value  # one spelling, so that no change goes unnoticed
        return is_canonical and key.verify(hashlib.sha256(said).digest(), signature)
    except (binascii.Error, RuntimeError):
        return False


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
