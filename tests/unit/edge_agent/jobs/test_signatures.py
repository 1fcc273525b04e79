"""Only versions that a trusted key signed run on a device that was given keys."""

from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from deployed.stack import as_pem
from edge_agent.config import ConfigError, check_config
from edge_agent.disk.state import JournalEntry
from edge_agent.disk.store import ArtifactStore
from edge_agent.jobs.obtain import JobFailed, Obtainer
from edge_agent.jobs.signatures import NO_KEYS, KeyUnusable, TrustedKeys, Untrusted
from edgeflow.adapters.kms_signer import KmsSigner
from edgeflow.contract.job import Artifact, JobDocument
from edgeflow.contract.reasons import Reason
from edgeflow.contract.signing import ArtifactSignature, statement
from tests.unit.edge_agent.device import FLOW, NOON, Cloud, Flows, Power, apply, artifact_bytes, sha256

VERSION: Final = 3
SIZE: Final = 512
SHA: Final = "ab" * 32


def trusted(folder: Path, *keys: str) -> TrustedKeys:
    """Trust the keys of KMS with these ARNs."""
    kms = boto3.client("kms")
    files = []
    for number, key in enumerate(keys):
        files.append(folder / f"{number}.pem")
        files[-1].write_text(as_pem(kms.get_public_key(KeyId=key)["PublicKey"]))
    return TrustedKeys.read(files)


def signed(key: str, **other: Any) -> Artifact:  # noqa: ANN401  parts of the statement
    """Return an artifact that a key of KMS signed, as this version unless something else is said."""
    about: dict[str, Any] = {"flow_id": FLOW, "version": VERSION, "sha256": SHA, "size": SIZE}
    signature = KmsSigner(boto3.client("kms"), key).sign(statement(**about | other))
    return Artifact(
        url="https://x.test/",
        sha256=SHA,
        size=SIZE,
        signature=ArtifactSignature(key=signature.key, value=signature.value),
    )


def test_what_the_cloud_signs_the_device_trusts(signing_key: str, tmp_path: Path) -> None:
    trusted(tmp_path, signing_key).require(signed(signing_key), flow_id=FLOW, version=VERSION)


@pytest.mark.parametrize(
    "other", [{"flow_id": "flow_2"}, {"version": 4}, {"sha256": "cd" * 32}, {"size": SIZE + 1}], ids=str
)
def test_a_signature_of_something_else_is_worth_nothing(
    other: dict[str, Any], signing_key: str, tmp_path: Path
) -> None:
    with pytest.raises(Untrusted, match="the signature does not fit version 3 of flow_1"):
        trusted(tmp_path, signing_key).require(signed(signing_key, **other), flow_id=FLOW, version=VERSION)


@pytest.mark.parametrize("value", ["AAAA", "A", "MEUCIQ==", "MAYCAQECAQE="])
def test_a_made_up_signature_is_worth_nothing(value: str, signing_key: str, tmp_path: Path) -> None:
    real = signed(signing_key)
    assert real.signature is not None
    forged = real.model_copy(update={"signature": real.signature.model_copy(update={"value": value})})
    with pytest.raises(Untrusted, match="does not fit"):
        trusted(tmp_path, signing_key).require(forged, flow_id=FLOW, version=VERSION)


def test_keys_are_changed_by_trusting_both_for_a_while(signing_key: str, tmp_path: Path) -> None:
    new = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    both = trusted(tmp_path, signing_key, new)
    for key in (signing_key, new):
        both.require(signed(key), flow_id=FLOW, version=VERSION)
    only_new = trusted(tmp_path, new)
    with pytest.raises(Untrusted, match="which this device does not trust; add the key to artifact_keys"):
        only_new.require(signed(signing_key), flow_id=FLOW, version=VERSION)


def test_without_a_signature_nothing_is_trusted_and_without_keys_everything(signing_key: str, tmp_path: Path) -> None:
    unsigned = Artifact(url="https://x.test/", sha256=SHA, size=SIZE)
    with pytest.raises(Untrusted, match="has no signature"):
        trusted(tmp_path, signing_key).require(unsigned, flow_id=FLOW, version=VERSION)
    NO_KEYS.require(unsigned, flow_id=FLOW, version=VERSION)


@pytest.mark.parametrize("signed_as", [None, 1, 2])
def test_a_job_gets_its_version_when_it_is_signed_as_that(
    signed_as: int | None, signing_key: str, tmp_path: Path
) -> None:
    """Even when the store has the bytes already: another version may have had the same."""
    document = apply(1)
    if signed_as is not None:
        about = {"sha256": sha256(1), "size": len(artifact_bytes(1))}
        signature = signed(signing_key, version=signed_as, **about).signature
        assert signature is not None
        document["artifact"] |= {"signature": signature.model_dump()}
    store = ArtifactStore(tmp_path / "data")
    store.put(sha256(1), artifact_bytes(1))
    power = Power()
    obtain = Obtainer(
        store=store,
        fetch=lambda *_: artifact_bytes(1),
        jobs=Cloud(power),
        flows=Flows(power, set(), set()),
        clock=lambda: NOON,
        keys=trusted(tmp_path, signing_key),
    )
    entry = JournalEntry(job_id="job-1", document=JobDocument.model_validate(document), before=None)
    if signed_as == 1:
        assert obtain(entry, still_wanted=lambda: None).version == 1
        return
    with pytest.raises(JobFailed) as failed:
        obtain(entry, still_wanted=lambda: None)
    assert failed.value.reason is Reason.UNTRUSTED_ARTIFACT


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nonsense", "holds no public key in PEM"),
        (as_pem(b"nonsense"), "holds no public key on an elliptic curve"),
        ("-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n", "holds no public key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds no public key in PEM"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_by_name(content: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(content)
    with pytest.raises(KeyUnusable, match=f"key.pem {said}"):
        TrustedKeys.read([file])


@pytest.mark.parametrize("setting", ["artifact_keys", "order_keys"])
def test_a_file_that_is_not_there_is_a_fault_of_the_settings(setting: str, tmp_path: Path) -> None:
    for name in ("certificate.pem", "private.key"):
        (tmp_path / name).write_text("x")
    settings = {
        "device_id": "dev_001",
        "endpoint": "x.test",
        "certificate": tmp_path / "certificate.pem",
        "private_key": tmp_path / "private.key",
        "data_directory": tmp_path,
        setting: [tmp_path / "absent.pem"],
    }
    with pytest.raises(ConfigError, match=rf"{setting}\.0"):
        check_config(settings, "agent.toml")
