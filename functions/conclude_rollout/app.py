"""Entry point: the last state of every machine, also of one that could not go on."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from edgeflow.bootstrap import rollout
from edgeflow.use_cases.rollout.conclude_rollout import RollbackEnd, RolloutEnd, in_a_sentence

logger = Logger()
tracer = Tracer()
metrics = Metrics()


@metrics.log_metrics
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """End a rollout, or the rollback attempt that ``event["attempt"]`` numbers; answers the deployment's status."""
    deployment_id = event["deployment_id"]
    cause = in_a_sentence(event.get("cause", ""))
    logger.append_keys(deployment_id=deployment_id)
    conclude = rollout.conclude_rollout()
    if "attempt" in event:
        end = RollbackEnd(event["outcome"])
        status = conclude.rollback(deployment_id, int(event["attempt"]), end, cause=cause)
    else:
        status = conclude.rollout(deployment_id, RolloutEnd(event["outcome"]), cause=cause)
    metrics.add_dimension("status", status.value)
    metrics.add_metric("DeploymentsEnded", MetricUnit.Count, 1)
    logger.info("concluded", extra={"status": status.value, "outcome": event["outcome"]})
    return {"status": status.value}
