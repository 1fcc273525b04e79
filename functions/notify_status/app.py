"""Entry point: the table's stream, filtered to deployments. A batch that fails comes again; events have stable ids."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from edgeflow import bootstrap
from edgeflow.adapters.deployment_stream import status_changes

logger = Logger()
tracer = Tracer()
metrics = Metrics()


@metrics.log_metrics
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Publish the changes of status in one batch of stream records."""
    metrics.add_metric("DeploymentRecords", MetricUnit.Count, len(event["Records"]))
    published = bootstrap.notify_status()(status_changes(event["Records"]))
    metrics.add_metric("StatusEventsPublished", MetricUnit.Count, published)
