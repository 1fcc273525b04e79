"""Signatures by a key of KMS, which a device can check with the public half."""

import base64

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from edgeflow.adapters.kms_signer import KmsSigner
from edgeflow.contract.signing import fingerprint

STATEMENT = b"what is to be run"


@pytest.mark.parametrize("statement", [STATEMENT, bytes(4_097), bytes(20_000)])
def test_the_public_half_confirms_the_signature_under_the_name_of_the_key(statement: bytes, signing_key: str) -> None:
    kms = boto3.client("kms")
    public = kms.get_public_key(KeyId=signing_key)["PublicKey"]
    signature = KmsSigner(kms, signing_key).sign(statement)
    assert signature.key == fingerprint(public)
    key = load_der_public_key(public)
    assert isinstance(key, EllipticCurvePublicKey)
    key.verify(base64.b64decode(signature.value), statement, ECDSA(SHA256()))  # raises where it is not right


def test_the_name_of_a_key_is_asked_for_once(signing_key: str) -> None:
    kms = boto3.client("kms")
    asked: list[str] = []
    kms.meta.events.register("before-call.kms.GetPublicKey", lambda **_: asked.append("public key"))
    signer = KmsSigner(kms, signing_key)
    assert signer.sign(STATEMENT).key == signer.sign(STATEMENT).key
    assert asked == ["public key"]
