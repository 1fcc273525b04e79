"""Artifacts of published versions in the bucket, each under the SHA-256 of its bytes."""

from functools import partial
from typing import TYPE_CHECKING, Final

from edgeflow.adapters.aws_errors import NOT_FOUND, error_code, unavailable
from edgeflow.adapters.flows.stored_definitions import read_artifact
from edgeflow.adapters.readable import readable_as, required
from edgeflow.contract.flow import Definition
from edgeflow.domain.errors import NotFound
from edgeflow.domain.flows import sha256_of
from edgeflow.domain.unreadable import Kind

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

ARTIFACTS_PREFIX: Final = "artifacts/"


def artifact_object(sha256: str) -> str:
    """Return the name of the object that holds these bytes."""
    return f"{ARTIFACTS_PREFIX}{sha256}.json"


class ArtifactStore:
    """Implements ``Artifacts``. Nothing is ever deleted: versions of other flows may have the same bytes."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        """Keep artifacts in this bucket."""
        self._client = client
        self._bucket = bucket

    def write(self, sha256: str, content: bytes) -> None:
        """Keep the bytes. Repeatable."""
        with unavailable("S3"):
            self._client.put_object(
                Bucket=self._bucket, Key=artifact_object(sha256), Body=content, ContentType="application/json"
            )

    def definition(self, sha256: str) -> Definition:
        """Return the definition that the bytes hold. Raises NotFound, CannotBeRead: they are not those of this name."""
        found = readable_as(self._read(sha256), partial(_read, sha256), kind=Kind.ARTIFACT, record_id=sha256)
        return required(found)

    def _read(self, sha256: str) -> bytes:
        with unavailable("S3"):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=artifact_object(sha256))
            except self._client.exceptions.ClientError as error:
                if error_code(error) in NOT_FOUND:
                    message = f"the artifact {sha256} is gone from the bucket"
                    raise NotFound(message) from error
                raise
            return answer["Body"].read()


def _read(sha256: str, content: bytes) -> Definition:
    if sha256_of(content) != sha256:
        message = "its bytes do not have the SHA-256 that it goes by"
        raise ValueError(message)
    return read_artifact(content)
