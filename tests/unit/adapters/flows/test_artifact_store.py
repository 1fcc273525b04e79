"""Artifacts in the bucket: under the SHA-256 of their bytes, and never taken for others."""

import boto3
import pytest

from edgeflow.adapters.flows.artifact_store import ArtifactStore, artifact_object
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from edgeflow.domain.errors import CannotBeRead, NotFound
from edgeflow.domain.flows import sha256_of

DEFINITION = Definition(nodes=(Node(id="n1", type="debug"),))
CONTENT = FlowArtifact(definition=DEFINITION).canonical_bytes()


def test_a_definition_reads_back_however_often_it_was_written(bucket: str) -> None:
    store = ArtifactStore(boto3.client("s3"), bucket)
    for _ in range(2):
        store.write(sha256_of(CONTENT), CONTENT)
    assert store.definition(sha256_of(CONTENT)) == DEFINITION
    listed = boto3.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [each["Key"] for each in listed] == [artifact_object(sha256_of(CONTENT))]


def test_what_is_not_there_is_not_found(bucket: str) -> None:
    with pytest.raises(NotFound, match="is gone from the bucket"):
        ArtifactStore(boto3.client("s3"), bucket).definition("ab" * 32)


@pytest.mark.parametrize("content", [CONTENT + b" ", b"", b"no json"])
def test_bytes_that_are_not_those_of_their_name_are_never_read(bucket: str, content: bytes) -> None:
    store = ArtifactStore(boto3.client("s3"), bucket)
    store.write(sha256_of(CONTENT), content)
    with pytest.raises(CannotBeRead, match="SHA-256"):
        store.definition(sha256_of(CONTENT))
    store.write(sha256_of(b"no json"), b"no json")
    with pytest.raises(CannotBeRead):
        store.definition(sha256_of(b"no json"))
