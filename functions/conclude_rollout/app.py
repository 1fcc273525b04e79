"""Entry point: the last state of each strategy's machine, also of one that could not go on."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from edgeflow.bootstrap import rollout
from edgeflow.domain.causes import what_broke
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd

logger = Logger()
tracer = Tracer()
metrics = Metrics()


@metrics.log_metrics
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """End a rollout; answers the deployment's status. ``outcome`` is a RolloutEnd; ``cause`` says what broke."""
    deployment_id = event["deployment_id"]
    cause = what_broke(event.get("cause", ""))
    logger.append_keys(deployment_id=deployment_id)
    if "attempt" in event:
        # For one release: a rollback that began before there was functions/conclude_rollback goes on by the
        # definition that it began with, which asks this function.
        end = RollbackEnd(event["outcome"])
        status = rollout.conclude_rollback()(deployment_id, int(event["attempt"]), end, cause=cause)
    else:
        status = rollout.conclude_rollout()(deployment_id, RolloutEnd(event["outcome"]), cause=cause)
    metrics.add_dimension("status", status.value)
    metrics.add_metric("DeploymentsEnded", MetricUnit.Count, 1)
    logger.info("concluded", extra={"status": status.value, "outcome": event["outcome"]})
    return {"status": status.value}
