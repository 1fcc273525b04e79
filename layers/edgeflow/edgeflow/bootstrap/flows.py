"""What operators do with flows."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from edgeflow.adapters.kms_signer import KmsSigner
from edgeflow.bootstrap import bucket, stores
from edgeflow.bootstrap.clients import WITHIN_A_REQUEST
from edgeflow.domain.clock import utc_now
from edgeflow.settings import setting
from edgeflow.use_cases.flows.archive_flow import ArchiveFlow
from edgeflow.use_cases.flows.create_flow import CreateFlow
from edgeflow.use_cases.flows.delete_flow import DeleteFlow
from edgeflow.use_cases.flows.draft_flow import DraftFlow
from edgeflow.use_cases.flows.publish_flow import PublishFlow
from edgeflow.use_cases.flows.restore_flow import RestoreFlow
from edgeflow.use_cases.flows.update_flow import UpdateFlow

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient


@cache
def signer() -> KmsSigner:
    """Return the signer of artifacts, with the key that ``ARTIFACT_SIGNING_KEY`` names."""
    client: KMSClient = boto3.client("kms", config=WITHIN_A_REQUEST)
    return KmsSigner(client, setting("ARTIFACT_SIGNING_KEY"))


def create_flow() -> CreateFlow:
    """Return the operation behind ``POST /v1/flows``."""
    return CreateFlow(stores.flows(), utc_now)


def update_flow() -> UpdateFlow:
    """Return the operation behind ``PUT /v1/flows/{flow_id}``."""
    return UpdateFlow(stores.flows(), utc_now)


def publish_flow() -> PublishFlow:
    """Return the operation behind ``…/publish``."""
    return PublishFlow(stores.flows(), bucket.artifacts(), signer(), utc_now)


def draft_flow() -> DraftFlow:
    """Return the operation behind ``…/draft``."""
    return DraftFlow(stores.flows(), utc_now)


def archive_flow() -> ArchiveFlow:
    """Return the operation behind ``…/archive``."""
    return ArchiveFlow(stores.flows(), utc_now)


def restore_flow() -> RestoreFlow:
    """Return the operation behind ``…/restore``."""
    return RestoreFlow(stores.flows(), utc_now)


def delete_flow() -> DeleteFlow:
    """Return the operation behind ``DELETE /v1/flows/{flow_id}``."""
    return DeleteFlow(stores.flows(), stores.devices(), stores.installs(), utc_now)
