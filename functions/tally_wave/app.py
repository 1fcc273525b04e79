"""Entry point: the table's stream, filtered to targets. A batch that fails comes again; counting is repeatable.

What no number of tries would help is in the dead-letter queue, and holds up nothing.
"""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from edgeflow.adapters.rollout.target_stream import target_changes
from edgeflow.bootstrap import tally

logger = Logger()
tracer = Tracer()
metrics = Metrics(service="tally_wave", namespace="EdgeFlow")


@metrics.log_metrics
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Count one batch of stream records."""
    tallied = tally.tally_wave()(target_changes(event["Records"]))
    metrics.add_metric("TargetChangesCounted", MetricUnit.Count, tallied.counted)
    if tallied.unreadable:
        metrics.add_metric("UnreadableTargetRecords", MetricUnit.Count, tallied.unreadable)
        logger.error("records that cannot be read are in the dead-letter queue", extra={"count": tallied.unreadable})
    if tallied.uncounted:
        metrics.add_metric("UncountedTargetChanges", MetricUnit.Count, tallied.uncounted)
        logger.error("changes that cannot be counted are in the dead-letter queue", extra={"count": tallied.uncounted})
    if tallied.orphaned:
        metrics.add_metric("OrphanedTargetChanges", MetricUnit.Count, tallied.orphaned)
        logger.warning("changes of deployments that are gone", extra={"count": tallied.orphaned})
