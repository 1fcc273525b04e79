"""Entry point: the reports queue. A message that fails comes again alone, then goes to the dead-letter queue."""

from datetime import UTC, datetime
from typing import Any, assert_never

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from edgeflow import bootstrap
from edgeflow.contract.report import HealthReport
from edgeflow.domain.errors import NotFound
from ingest_reports.reports import MESSAGE, AbsenceMessage, HealthMessage, JobExecutionEvent, PresenceEvent

logger = Logger()
tracer = Tracer()
metrics = Metrics()
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def _take_in(record: SQSRecord) -> None:
    message = MESSAGE.validate_json(record.body)
    match message:
        case JobExecutionEvent():
            _take_in_job(message)
        case HealthMessage():
            _take_in_health(message)
        case PresenceEvent():
            bootstrap.ingest_presence()(message.presence())
        case AbsenceMessage():
            _look_at_absence(message)
        case _:
            assert_never(message)


def _take_in_job(message: JobExecutionEvent) -> None:
    report = message.report()
    if report is None:
        return  # a job of somebody else in this account
    try:
        changed = bootstrap.ingest_job_event()(report)
    except NotFound:
        # Job events are the account's: another stack's deployment, or one of a table that is gone.
        logger.warning("no such deployment", extra={"job_id": message.job_id})
        return
    extra = {"job_id": message.job_id, "device_id": report.device_id, "status": report.status, "changed": changed}
    logger.info("job report", extra=extra)


def _take_in_health(message: HealthMessage) -> None:
    try:
        report = HealthReport.model_validate(message.model_extra)
    except ValidationError as error:
        # A device can publish what it likes on its topic. Trying again would not help, and a flood of
        # it must not drown the dead-letter queue's alarm: it is counted instead.
        metrics.add_metric("UnreadableHealthReports", MetricUnit.Count, 1)
        faults = error.errors(include_url=False, include_input=False)
        logger.warning("unreadable health report", extra={"device_id": message.device_id, "faults": faults})
        return
    received_at = datetime.fromtimestamp(message.received_at / 1_000, UTC)
    bootstrap.ingest_health()(message.device_id, report, received_at=received_at)


def _look_at_absence(message: AbsenceMessage) -> None:
    for deployment_id in bootstrap.watch_absence()(message.absence()):
        logger.warning("device dropped off", extra={"device_id": message.device_id, "deployment_id": deployment_id})


@metrics.log_metrics
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Take in each message; answers the ids of those that failed."""
    metrics.add_metric("ReportsReceived", MetricUnit.Count, len(event["Records"]))
    return process_partial_response(event, _take_in, processor, context)
