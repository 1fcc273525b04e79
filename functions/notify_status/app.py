"""Entry point: the table's stream, filtered to deployments. What is left out comes again; events have stable ids."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from edgeflow.adapters.rollout.deployment_stream import status_changes
from edgeflow.bootstrap import notifications

logger = Logger()
tracer = Tracer()
metrics = Metrics(service="notify_status", namespace="EdgeFlow")


@metrics.log_metrics
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Publish the changes of status in one batch of stream records; answers from which record on it must come again."""
    metrics.add_metric("DeploymentRecords", MetricUnit.Count, len(event["Records"]))
    notified = notifications.notify_status()(status_changes(event["Records"]))
    metrics.add_metric("StatusEventsPublished", MetricUnit.Count, notified.published)
    if notified.set_aside:
        metrics.add_metric("UnreadableDeploymentRecords", MetricUnit.Count, notified.set_aside)
        logger.error("records that cannot be read are in the dead-letter queue", extra={"count": notified.set_aside})
    # Lambda goes on at the lowest record that is named.
    return {"batchItemFailures": [{"itemIdentifier": notified.left}] if notified.left is not None else []}
