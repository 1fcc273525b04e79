"""Requests of ``/v1/deployments/{deployment_id}/targets``."""

from typing import Annotated, Literal

from pydantic import Field

from edgeflow.contract.rest.paging import PageQuery, WrittenInDigits
from edgeflow.contract.rest.settings import MAX_TARGET_DEVICES

TargetStatusName = Literal[
    "pending", "deploying", "staged", "success", "failed", "skipped", "rolled_back", "rollback_failed"
]
WaveNumber = Annotated[int, WrittenInDigits, Field(ge=1, le=MAX_TARGET_DEVICES)]


class ListTargets(PageQuery):
    """Parameters of ``GET /v1/deployments/{deployment_id}/targets``. ``wave`` is counted from 1."""

    status: Annotated[TargetStatusName | None, Field(description="Targets with this status")] = None
    wave: Annotated[
        WaveNumber | None,
        Field(description="Targets in this wave, from 1; for blue-green they are in 2 once it switches"),
    ] = None
