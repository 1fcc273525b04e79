"""Entry point: the last state of the rollback machine, also of one that could not go on."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from edgeflow.bootstrap import rollout
from edgeflow.domain.causes import what_broke
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd

logger = Logger()
tracer = Tracer()
metrics = Metrics()


@metrics.log_metrics
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """End a rollback attempt; answers the deployment's status.

    ``attempt`` numbers it, ``outcome`` is a RollbackEnd, ``cause`` says what broke.
    """
    deployment_id = event["deployment_id"]
    end = RollbackEnd(event["outcome"])
    logger.append_keys(deployment_id=deployment_id)
    conclude_rollback = rollout.conclude_rollback()
    status = conclude_rollback(deployment_id, int(event["attempt"]), end, cause=what_broke(event.get("cause", "")))
    metrics.add_dimension("status", status.value)
    metrics.add_metric("DeploymentsEnded", MetricUnit.Count, 1)
    logger.info("concluded", extra={"status": status.value, "outcome": end.value})
    return {"status": status.value}
