"""Stream records of deployments, as Lambda hands them over."""

from typing import Any

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_items import write_deployment
from edgeflow.adapters.table import to_attributes
from edgeflow.domain.deployments import DeploymentStatus
from tests.unit.adapters.builders import DEP, a_deployment

CHANGED_AT = 1_771_675_200.0
"""2026-02-21T12:00:00Z"""


def image(status: DeploymentStatus, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  any field of a deployment
    """Return a deployment's item in DynamoDB's own form."""
    return to_attributes(write_deployment(a_deployment(status=status, **changes)))


def record(
    before: DeploymentStatus | None,
    after: DeploymentStatus,
    sequence: str = "7",
    **changes: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Return the record of a deployment's change."""
    pk, sk = keys.deployment_key(DEP)
    told: dict[str, Any] = {
        "Keys": to_attributes({"pk": pk, "sk": sk}),
        "NewImage": image(after, **changes),
        "SequenceNumber": sequence,
        "ApproximateCreationDateTime": CHANGED_AT,
    }
    return {"dynamodb": told | ({"OldImage": image(before)} if before is not None else {})}


def unreadable(sequence: str, **attributes: object) -> dict[str, Any]:
    """Return the record of a deployment that has these attributes in place of what belongs there."""
    made = record(DeploymentStatus.RUNNING, DeploymentStatus.FAILED, sequence)
    made["dynamodb"]["NewImage"] |= to_attributes(attributes)
    return made
