"""What is signed of a job: the whole order, for whom it is, and from when until when it counts.

``edgeflow.order/1`` is the payload of a job document's ``order`` (``edgeflow.contract.signing``). Whoever can create
jobs in the account, but not sign, can send devices neither an order of their own nor one that was signed for another
job, another device or another time.
"""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from edgeflow.contract.ids import DeploymentId, DeviceId, FlowId
from edgeflow.contract.job import Artifact, ArtifactIdentity, HealthCheck, JobDocument, Operation, Watch
from edgeflow.contract.wire import Milliseconds, Moment, VersionNumber

ORDER_SCHEMA: Final = "edgeflow.order/1"
MAX_ORDER_DEVICES: Final = 100
"""AWS IoT gives a job at most so many targets."""

JobId = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
"""Of AWS IoT."""


class Order(BaseModel):
    """An order, for one job of AWS IoT and the devices that it is created for. Unknown keys are ignored.

    ``issued`` is when it was signed, in milliseconds since 1970 by the cloud's clock, and orders what a device is told
    of one flow: none that is older than one it has taken up counts. ``expires`` is by the cloud's clock; no device
    takes it up later. The rest is that of :class:`JobDocument`.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    schema_: Literal["edgeflow.order/1"] = Field(default=ORDER_SCHEMA, alias="schema")
    job_id: JobId
    devices: tuple[DeviceId, ...] = Field(min_length=1, max_length=MAX_ORDER_DEVICES)
    issued: Milliseconds
    expires: Moment
    operation: Operation
    deployment_id: DeploymentId
    flow_id: FlowId
    version: VersionNumber | None = None
    artifact: ArtifactIdentity | None = None
    health_check: HealthCheck | None = None
    watch: Watch | None = None
    clear_standby: bool = False

    @classmethod
    def of(
        cls, document: JobDocument, *, job_id: str, devices: tuple[str, ...], issued: int, expires: datetime
    ) -> Self:
        """Return the order that a document gives to these devices by this job."""
        said = document.model_dump(exclude={"schema_", "order"})
        return cls(job_id=job_id, devices=devices, issued=issued, expires=expires, **said)

    def payload(self) -> str:
        """Return the JSON that is signed."""
        return self.model_dump_json(by_alias=True, exclude_none=True)

    def document(self, url: str | None) -> JobDocument:
        """Return what is to be done, with the address that the artifact is at.

        Raises:
            ValidationError: the operation lacks what it needs.
        """
        said = self.model_dump(exclude={"schema_", "job_id", "devices", "issued", "expires", "artifact"})
        identity = None if self.artifact is None else self.artifact.model_dump()
        artifact = None if identity is None else Artifact.model_validate({**identity, "url": url})
        return JobDocument(artifact=artifact, **said)
