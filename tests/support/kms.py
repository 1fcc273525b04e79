"""moto's AWS KMS, mended: it signs digests as AWS's own does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from moto.kms.utils import ECDSAPrivateKey

_DIGEST_BYTES: Final = 32


@contextmanager
def digests_are_signed() -> Iterator[None]:
    """Let moto sign a digest: it takes ``MessageType`` and hashes once more whatever came, where AWS KMS does not."""

    def sign(self: ECDSAPrivateKey, message: bytes, signing_algorithm: str) -> bytes:
        assert (len(message), signing_algorithm) == (_DIGEST_BYTES, "ECDSA_SHA_256"), "all that we sign are digests"
        return self.private_key.sign(message, ECDSA(Prehashed(SHA256())))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ECDSAPrivateKey, "sign", sign)
        yield
