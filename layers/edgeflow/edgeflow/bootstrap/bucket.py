"""What is stored in the bucket that ``ARTIFACT_BUCKET`` names."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from edgeflow.adapters.deployments.manifest_store import ManifestStore
from edgeflow.adapters.flows.artifact_store import ArtifactStore
from edgeflow.bootstrap.clients import PATIENT, WITHIN_A_REQUEST
from edgeflow.settings import setting

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client


@cache
def artifacts() -> ArtifactStore:
    """Return the store of artifacts."""
    client: S3Client = boto3.client("s3", config=WITHIN_A_REQUEST)
    return ArtifactStore(client, setting("ARTIFACT_BUCKET"))


@cache
def manifests() -> ManifestStore:
    """Return the store of target lists."""
    client: S3Client = boto3.client("s3", config=PATIENT)
    return ManifestStore(client, setting("ARTIFACT_BUCKET"))
