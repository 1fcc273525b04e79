"""Targets as they were asked for, and the devices that they come to, in the bucket."""

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from edgeflow.adapters.attributes import texts
from edgeflow.adapters.aws_errors import NOT_FOUND, error_code, unavailable
from edgeflow.adapters.readable import readable_as, required
from edgeflow.contract.rest.settings import MAX_TARGET_DEVICES
from edgeflow.domain.errors import NotFound, Unavailable
from edgeflow.domain.unreadable import Kind
from edgeflow.use_cases.deployments.ports import Manifest

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

_NAME: Final = re.compile(r"[\x21-\x7e]{1,256}")
"""Names of things and thing groups, which can be asked AWS for."""
_SERVICE: Final = "S3"
_CHANGED_MEANWHILE: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


class ManifestStore:
    """Target lists at rest in the bucket, one object a deployment; implements ``Manifests``.

    Devices alone are one list, frozen from the start. With groups it is an object: ``devices`` and ``groups`` as asked
    for, and ``targets``, null until they are frozen.
    """

    def __init__(self, client: "S3Client", bucket: str) -> None:
        """Keep them under ``manifests/`` of this bucket."""
        self._client = client
        self._bucket = bucket

    def write(self, deployment_id: str, device_ids: Sequence[str], *, group_names: Sequence[str] = ()) -> None:
        """Keep what was asked for.

        Raises:
            ValueError: it has more than 10,000 devices.
            Unavailable: S3 throttles.
        """
        _check(device_ids)
        document: Any = list(device_ids)
        if group_names:
            document = {"devices": list(device_ids), "groups": list(group_names), "targets": None}
        with unavailable(_SERVICE):
            self._client.put_object(
                Bucket=self._bucket,
                Key=_key(deployment_id),
                Body=json.dumps(document).encode(),
                ContentType="application/json",
            )

    def asked(self, deployment_id: str) -> Manifest:
        """Return what was asked for. Raises as ``read``."""
        return self._get(deployment_id)[0]

    def freeze(self, deployment_id: str, targets: Sequence[str]) -> list[str]:
        """Keep the devices that it comes to, once; returns the list that is kept, this one or an earlier one.

        Raises:
            NotFound: there is nothing to freeze.
            CannotBeRead: what was asked for is damaged.
            ValueError: there are more than 10,000.
            Unavailable: S3 throttles.
        """
        _check(targets)
        manifest, etag = self._get(deployment_id)
        if manifest.targets is not None:
            return list(manifest.targets)
        document = {"devices": manifest.devices, "groups": manifest.groups, "targets": list(targets)}
        try:
            with unavailable(_SERVICE):
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=_key(deployment_id),
                    Body=json.dumps(document).encode(),
                    ContentType="application/json",
                    IfMatch=etag,  # of two that freeze at once the second finds the list of the first
                )
        except ClientError as error:
            if error_code(error) not in _CHANGED_MEANWHILE:
                raise
            frozen = self.asked(deployment_id).targets
            if frozen is None:
                message = "the list of targets is being written by another call; try again"
                raise Unavailable(message) from error
            return list(frozen)
        return list(targets)

    def read(self, deployment_id: str) -> list[str]:
        """Return the frozen list, in its order.

        Raises:
            NotFound: there is none, or it is not frozen. (Without s3:ListBucket AWS says AccessDenied instead of the
                first, which is raised as it is.)
            CannotBeRead: it is damaged.
            Unavailable: S3 throttles.
        """
        targets = self.asked(deployment_id).targets
        if targets is None:
            message = f"the groups of deployment {deployment_id} are not resolved yet"
            raise NotFound(message)
        return list(targets)

    def _get(self, deployment_id: str) -> tuple[Manifest, str]:
        try:
            with unavailable(_SERVICE):
                answer = self._client.get_object(Bucket=self._bucket, Key=_key(deployment_id))
                body = answer["Body"].read()
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                message = f"the list of targets of deployment {deployment_id} is gone"
                raise NotFound(message) from error
            raise
        found = readable_as(body, _manifest, kind=Kind.MANIFEST, record_id=deployment_id)
        return required(found), answer["ETag"]


def _manifest(body: bytes) -> Manifest:
    try:
        document = json.loads(body)
    except RecursionError:
        message = "it is nested too deep"
        raise ValueError(message) from None
    if isinstance(document, list):
        return Manifest(devices=_names(document, "targets"), targets=_names(document, "targets"))
    if not isinstance(document, dict):
        message = "it is neither a list nor an object"
        raise ValueError(message)  # noqa: TRY004  one kind of error for all that cannot be read
    return Manifest(
        devices=_names(document.get("devices"), "devices"),
        groups=_names(document.get("groups"), "groups"),
        targets=None if document.get("targets") is None else _names(document["targets"], "targets"),
    )


def _names(stored: object, place: str) -> tuple[str, ...]:
    names = texts({place: stored}, place)
    if not all(_NAME.fullmatch(name) for name in names):
        message = f"{place} holds what is no name"
        raise ValueError(message)
    return names


def _check(device_ids: Sequence[str]) -> None:
    if len(device_ids) > MAX_TARGET_DEVICES:
        message = f"a deployment has at most {MAX_TARGET_DEVICES} targets, not {len(device_ids)}"
        raise ValueError(message)


def _key(deployment_id: str) -> str:
    return f"manifests/{deployment_id}.json"
