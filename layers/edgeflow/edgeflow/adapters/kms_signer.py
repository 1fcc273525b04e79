"""Signs versions and orders by keys of AWS KMS, which the private halves never leave."""

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from edgeflow.adapters.aws_errors import unavailable
from edgeflow.contract.signing import fingerprint
from edgeflow.domain.flows import Signature

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

_ALGORITHM: Final = "ECDSA_SHA_256"


class KmsSigner:
    """Implements ``Signer`` with an asymmetric key (``ECC_NIST_P256``, ``SIGN_VERIFY``)."""

    def __init__(self, client: "KMSClient", key: str) -> None:
        """Sign with the key of this id or ARN."""
        self._client = client
        self._key = key
        self._fingerprints: dict[str, str] = {}

    def sign(self, statement: bytes) -> Signature:
        """Return the signature of a statement of any length, under the name of the key that KMS signed with.

        Raises:
            Unavailable: AWS KMS throttles.
        """
        with unavailable("KMS"):
            answer = self._client.sign(
                KeyId=self._key,
                # Of a whole message KMS takes 4,096 bytes at most, and an order to 100 devices has more.
                Message=hashlib.sha256(statement).digest(),
                MessageType="DIGEST",
                SigningAlgorithm=_ALGORITHM,
            )
            return Signature(
                key=self._fingerprint(answer["KeyId"]), value=base64.b64encode(answer["Signature"]).decode()
            )

    def _fingerprint(self, key: str) -> str:
        if key not in self._fingerprints:
            self._fingerprints[key] = fingerprint(self._client.get_public_key(KeyId=key)["PublicKey"])
        return self._fingerprints[key]
