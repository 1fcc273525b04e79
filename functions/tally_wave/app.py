"""Entry point: the table's stream, filtered to targets. A batch that fails comes again; counting is repeatable."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from edgeflow import bootstrap
from edgeflow.adapters.stream import target_changes

logger = Logger()
tracer = Tracer()
metrics = Metrics()


@metrics.log_metrics
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Count one batch of stream records."""
    changes = list(target_changes(event["Records"]))
    bootstrap.tally_wave()(changes)
    metrics.add_metric("TargetChangesCounted", MetricUnit.Count, len(changes))
