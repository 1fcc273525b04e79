"""Lists of targets as they were asked for, in the bucket."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from edgeflow.adapters.aws_errors import NOT_FOUND, error_code, unavailable
from edgeflow.contract.rest.deployments import MAX_TARGET_DEVICES
from edgeflow.domain.errors import NotFound

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

_SERVICE: Final = "S3"


class ManifestStore:
    """Target lists at rest in the bucket, one object a deployment; implements ``ports.Manifests``."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        """Keep them under ``manifests/`` of this bucket."""
        self._client = client
        self._bucket = bucket

    def write(self, deployment_id: str, device_ids: Sequence[str]) -> None:
        """Keep the list.

        Raises:
            ValueError: it has more than 10,000 devices.
            Unavailable: S3 throttles.
        """
        if len(device_ids) > MAX_TARGET_DEVICES:
            message = f"a deployment has at most {MAX_TARGET_DEVICES} targets, not {len(device_ids)}"
            raise ValueError(message)
        with unavailable(_SERVICE):
            self._client.put_object(
                Bucket=self._bucket,
                Key=_key(deployment_id),
                Body=json.dumps(list(device_ids)).encode(),
                ContentType="application/json",
            )

    def read(self, deployment_id: str) -> list[str]:
        """Return the list, in the order asked for.

        Raises:
            NotFound: there is none. (Without s3:ListBucket AWS says AccessDenied instead, which is raised as it is.)
            Unavailable: S3 throttles.
        """
        try:
            with unavailable(_SERVICE):
                body = self._client.get_object(Bucket=self._bucket, Key=_key(deployment_id))["Body"].read()
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                message = f"the list of targets of deployment {deployment_id} is gone"
                raise NotFound(message) from error
            raise
        device_ids: list[str] = json.loads(body)
        return device_ids


def _key(deployment_id: str) -> str:
    return f"manifests/{deployment_id}.json"
