"""Entry point: the reports queue. A message that fails comes again alone, then goes to the dead-letter queue.

What cannot be read does not fail: it is dropped and counted. Any device can publish what it likes, trying again would
not help, and a flood of it must not drown the dead-letter queue's alarm, which is for failures of ours. The same goes
for what needs a stored record that cannot be read: that record rings an alarm of its own.
"""

from datetime import UTC, datetime
from typing import Any, Final, assert_never

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from edgeflow.bootstrap import reports
from edgeflow.contract.report import HealthReport
from edgeflow.domain.errors import CannotBeRead, NotFound
from ingest_reports.reports import MESSAGE, AbsenceMessage, HealthMessage, JobExecutionEvent, Message, PresenceEvent

MAX_MESSAGE_BYTES: Final = 160 * 1_024
"""AWS IoT takes 128 KiB of a device, and the rules add a little. Written out with its defaults a report is less than
twice as long, so that it fits an item of the table (400 KB)."""
MAX_FAULTS_LOGGED: Final = 20

logger = Logger()
tracer = Tracer()
metrics = Metrics(service="ingest_reports", namespace="EdgeFlow")
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def _take_in(record: SQSRecord) -> None:
    if len(record.body.encode("utf-8", "surrogatepass")) > MAX_MESSAGE_BYTES:
        _drop([{"type": "too_long", "loc": ()}], message_id=record.message_id)
        return
    try:
        message = MESSAGE.validate_json(record.body)
    except ValidationError as error:
        _drop(_faults(error), message_id=record.message_id)
        return
    try:
        _keep(message)
    except CannotBeRead as error:
        metrics.add_metric("UnkeptReports", MetricUnit.Count, 1)
        logger.warning("a report for a record that cannot be read", extra={"kind": message.kind, "fault": str(error)})


def _keep(message: Message) -> None:
    match message:
        case JobExecutionEvent():
            _take_in_job(message)
        case HealthMessage():
            _take_in_health(message)
        case PresenceEvent():
            _take_in_presence(message)
        case AbsenceMessage():
            _look_at_absence(message)
        case _:
            assert_never(message)


def _faults(error: ValidationError) -> list[dict[str, Any]]:
    """Return what is wrong and where, in names of ours: what was written there can be of any length."""
    told = error.errors(include_url=False, include_input=False, include_context=False)
    return [{"type": fault["type"], "loc": fault["loc"]} for fault in told[:MAX_FAULTS_LOGGED]]


def _drop(faults: list[dict[str, Any]], **where: str) -> None:
    metrics.add_metric("UnreadableReports", MetricUnit.Count, 1)
    logger.warning("unreadable report", extra={**where, "faults": faults})


def _take_in_job(message: JobExecutionEvent) -> None:
    report = message.report()
    if report is None:
        return  # a job of somebody else in this account
    try:
        changed = reports.ingest_job_event()(report)
    except NotFound:
        # Job events are the account's: another stack's deployment, or one of a table that is gone.
        logger.warning("no such deployment", extra={"job_id": message.job_id})
        return
    extra = {"job_id": message.job_id, "device_id": report.device_id, "status": report.status, "changed": changed}
    logger.info("job report", extra=extra)


def _take_in_health(message: HealthMessage) -> None:
    try:
        report, left_out = HealthReport.from_wire(message.model_extra or {})
    except ValidationError as error:
        _drop(_faults(error), device_id=message.device_id)
        return
    if left_out:
        metrics.add_metric("SenselessMeasures", MetricUnit.Count, left_out)
        logger.info("a report without what makes no sense", extra={"device_id": message.device_id, "count": left_out})
    received_at = datetime.fromtimestamp(message.received_at / 1_000, UTC)
    reports.ingest_health()(message.device_id, report, received_at=received_at)


def _take_in_presence(message: PresenceEvent) -> None:
    presence = message.presence()
    if presence is not None:
        reports.ingest_presence()(presence)
    elif message.event == "connect_failed":
        metrics.add_metric("ConnectionsRefused", MetricUnit.Count, 1)


def _look_at_absence(message: AbsenceMessage) -> None:
    for deployment_id in reports.watch_absence()(message.absence()):
        logger.warning("device dropped off", extra={"device_id": message.device_id, "deployment_id": deployment_id})


@metrics.log_metrics
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Take in each message; answers the ids of those that failed."""
    metrics.add_metric("ReportsReceived", MetricUnit.Count, len(event["Records"]))
    return process_partial_response(event, _take_in, processor, context)
