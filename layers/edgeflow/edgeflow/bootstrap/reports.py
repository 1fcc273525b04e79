"""What devices, and AWS IoT on their behalf, say."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from edgeflow.adapters.devices.iot_registry import AwsIotRegistry
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.reports.reports_queue import SqsReportsQueue
from edgeflow.bootstrap import stores
from edgeflow.bootstrap.clients import PATIENT, table
from edgeflow.bootstrap.durations import drop_off
from edgeflow.bootstrap.rollout import return_late
from edgeflow.domain.clock import utc_now
from edgeflow.settings import setting
from edgeflow.use_cases.enrolment.confirm_certificate import ConfirmCertificate
from edgeflow.use_cases.reports.fail_late import FailLate
from edgeflow.use_cases.reports.ingest_health import IngestHealth
from edgeflow.use_cases.reports.ingest_presence import IngestPresence
from edgeflow.use_cases.reports.ingest_report import IngestReport
from edgeflow.use_cases.reports.watch_absence import WatchAbsence

if TYPE_CHECKING:
    from types_boto3_iot.client import IoTClient
    from types_boto3_sqs.client import SQSClient


@cache
def reports_queue() -> SqsReportsQueue:
    """Return the queue of reports that ``REPORTS_QUEUE_URL`` names."""
    client: SQSClient = boto3.client("sqs", config=PATIENT)
    return SqsReportsQueue(client, queue_url=setting("REPORTS_QUEUE_URL"))


def ingest_job_event() -> IngestReport:
    """Return the operation that takes in AWS IoT's event of the end of a device's job."""
    return IngestReport(
        stores.deployments(),
        stores.targets(),
        stores.waves(),
        stores.installs(),
        stores.flows(),
        utc_now,
        watch_absence(),
        return_late(),
    )


def ingest_health() -> IngestHealth:
    """Return the operation that takes in a health report."""
    return IngestHealth(stores.devices(), _fail_late())


def ingest_presence() -> IngestPresence:
    """Return the operation that takes in who is connected."""
    return IngestPresence(stores.devices(), watch_absence(), _confirm_certificate())


def watch_absence() -> WatchAbsence:
    """Return the operation that looks again at a device that is gone."""
    return WatchAbsence(stores.devices(), reports_queue(), _fail_late(), utc_now, drop_off())


def _fail_late() -> FailLate:
    return FailLate(stores.deployments(), stores.targets(), stores.installs(), utc_now)


@cache
def _confirm_certificate() -> ConfirmCertificate:
    client: IoTClient = boto3.client("iot", config=PATIENT)
    return ConfirmCertificate(EnrolmentStore(table()), AwsIotRegistry(client, setting("DEVICE_POLICY_NAME")))
