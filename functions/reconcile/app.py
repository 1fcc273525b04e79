"""Entry point: a schedule."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from edgeflow.bootstrap import reconcile

logger = Logger()
tracer = Tracer()
metrics = Metrics()


@metrics.log_metrics
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Repair what there is to repair; answers what that was."""
    repairs = reconcile.reconcile()()
    metrics.add_metric("UnfinishedDeployments", MetricUnit.Count, repairs.looked_at)
    metrics.add_metric("Repairs", MetricUnit.Count, repairs.total)
    told = {
        "looked_at": repairs.looked_at,
        "started": repairs.started,
        "concluded": repairs.concluded,
        "answered": repairs.answered,
        "reports": repairs.reports,
        "unreadable": repairs.unreadable,
    }
    if repairs.total:
        logger.warning("repaired what events had not told", extra=told)
    if repairs.unreadable:
        logger.warning("deployments with damaged records are left as they are", extra=told)
    return told
