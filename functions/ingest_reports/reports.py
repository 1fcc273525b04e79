"""Messages of the reports queue: what AWS IoT or a device published, and its kind, as the topic rules write it.

And one that the function sends itself, when a device is to be looked at again. Every number has bounds, so that what
cannot be written down is refused here.
"""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from edgeflow.contract.ids import DEVICE_ID_PATTERN, DeviceId
from edgeflow.contract.job import StatusDetails
from edgeflow.contract.wire import Count, Milliseconds, Seconds
from edgeflow.domain.absences import Absence
from edgeflow.domain.devices import Presence
from edgeflow.domain.jobs import parse_job_id
from edgeflow.use_cases.reports.ingest_report import DELETED, JobReport

MAX_STATUS_LENGTH: Final = 64
MAX_CLIENT_LENGTH: Final = 512
_DEVICE_ID: Final = re.compile(DEVICE_ID_PATTERN)


def _object_or_nothing(value: object) -> object:
    """Whatever a device wrote in the place of its details, how its job ended still counts."""
    return value if isinstance(value, dict) else {}


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class JobExecutionEvent(_Message):
    """``$aws/events/jobExecution/{jobId}/{end}``; ``timestamp`` is in seconds since 1970."""

    kind: Literal["job_execution"]
    job_id: str = Field(alias="jobId")
    thing_arn: str = Field(alias="thingArn", pattern=r":thing/[a-zA-Z0-9:_-]{1,128}$")
    operation: str = Field(default="", max_length=MAX_STATUS_LENGTH)
    status: str = Field(default="", max_length=MAX_STATUS_LENGTH)
    details: Annotated[dict[str, Any], BeforeValidator(_object_or_nothing)] = Field(
        default_factory=dict, alias="statusDetails"
    )
    timestamp: Seconds

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
    """``$aws/rules/{rule}/{thing}``; the device's name is from the topic. ``received_at`` in milliseconds."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: Literal["health"]
    device_id: DeviceId
    received_at: Milliseconds


class PresenceEvent(_Message):
    """``$aws/events/presence/…``; ``timestamp`` in milliseconds, ``versionNumber`` numbers a client's connections.

    ``principalIdentifier`` is the id of the certificate, of a client that connected with one. A client can be anybody
    in the account; ``connect_failed`` tells of one that AWS IoT did not let in.
    """

    kind: Literal["presence"]
    client_id: str = Field(alias="clientId", max_length=MAX_CLIENT_LENGTH)
    event: Literal["connected", "disconnected", "connect_failed"] = Field(alias="eventType")
    timestamp: Milliseconds
    version_number: Count = Field(default=0, alias="versionNumber")
    principal: str | None = Field(default=None, alias="principalIdentifier", max_length=MAX_CLIENT_LENGTH)

    def presence(self) -> Presence | None:
        """Return what it says, or None when no connection began or ended, or the client's name is no device's."""
        if self.event == "connect_failed" or not _DEVICE_ID.fullmatch(self.client_id):
            return None
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
    connection: Count
    at_ms: Milliseconds

    def absence(self) -> Absence:
        """Return what it says."""
        return Absence(device_id=self.device_id, connection=self.connection, at_ms=self.at_ms)


Message = JobExecutionEvent | HealthMessage | PresenceEvent | AbsenceMessage

MESSAGE: Final[TypeAdapter[Message]] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])
