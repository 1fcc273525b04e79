"""Messages of the reports queue: what AWS IoT or a device published, and its kind, as the topic rules write it.

And one that the function sends itself, when a device is to be looked at again.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from edgeflow.contract.ids import DeviceId
from edgeflow.contract.job import StatusDetails
from edgeflow.domain.absences import Absence
from edgeflow.domain.devices import Presence
from edgeflow.domain.jobs import parse_job_id
from edgeflow.use_cases.ingest_report import DELETED, JobReport


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class JobExecutionEvent(_Message):
    """``$aws/events/jobExecution/{jobId}/{end}``; ``timestamp`` is in seconds since 1970."""

    kind: Literal["job_execution"]
    job_id: str = Field(alias="jobId")
    thing_arn: str = Field(alias="thingArn", pattern=r":thing/.")
    operation: str = ""
    status: str = ""
    details: dict[str, Any] = Field(default_factory=dict, alias="statusDetails")
    timestamp: int

    def report(self) -> JobReport | None:
        """Return what it says, or None when the job is not one of ours."""
        job = parse_job_id(self.job_id)
        if job is None:
            return None
        return JobReport(
            job=job,
            device_id=self.thing_arn.partition(":thing/")[2],
            status=DELETED if self.operation == "deleted" else self.status,
            details=StatusDetails.from_wire(self.details),
            at_ms=self.timestamp * 1_000,
        )


class HealthMessage(_Message):
    """``edgeflow/devices/{thing}/health``; the device's name is from the topic. ``received_at`` in milliseconds."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: Literal["health"]
    device_id: DeviceId
    received_at: int


class PresenceEvent(_Message):
    """``$aws/events/presence/…``; ``timestamp`` in milliseconds, ``versionNumber`` numbers a client's connections.

    ``principalIdentifier`` is the id of the certificate, of a client that connected with one.
    """

    kind: Literal["presence"]
    client_id: str = Field(alias="clientId")
    event: Literal["connected", "disconnected"] = Field(alias="eventType")
    timestamp: int
    version_number: int = Field(default=0, alias="versionNumber")
    principal: str | None = Field(default=None, alias="principalIdentifier")

    def presence(self) -> Presence:
        """Return what it says."""
        return Presence(
            device_id=self.client_id,
            connected=self.event == "connected",
            connection=self.version_number,
            at_ms=self.timestamp,
            certificate_id=self.principal,
        )


class AbsenceMessage(_Message):
    """What this function told itself to look at later: a device that is gone since this disconnection."""

    kind: Literal["absence"]
    device_id: DeviceId
    connection: int
    at_ms: int

    def absence(self) -> Absence:
        """Return what it says."""
        return Absence(device_id=self.device_id, connection=self.connection, at_ms=self.at_ms)


Message = JobExecutionEvent | HealthMessage | PresenceEvent | AbsenceMessage

MESSAGE: Final[TypeAdapter[Message]] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])
