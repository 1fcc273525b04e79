"""Artifacts of published versions in the bucket, each under the SHA-256 of its bytes."""

from typing import TYPE_CHECKING, Final

from edgeflow.adapters.aws_errors import NOT_FOUND, error_code, unavailable
from edgeflow.domain.errors import NotFound

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

    def read(self, sha256: str) -> bytes:
        """Return the bytes. Raises NotFound."""
        with unavailable("S3"):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=artifact_object(sha256))
            except self._client.exceptions.ClientError as error:
                if error_code(error) in NOT_FOUND:
                    message = f"the artifact {sha256} is gone from the bucket"
                    raise NotFound(message) from error
                raise
            return answer["Body"].read()
