"""Entry point: the first state of the rollback machine."""

from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from edgeflow.bootstrap import rollout
from edgeflow.use_cases.rollout.plan_rollback import Origin, RollbackRequest

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int | str]:
    """Plan a rollback attempt; answers outcome, total, timeout_seconds, why. The event is the machine's input."""
    request = RollbackRequest(
        deployment_id=event["deployment_id"],
        attempt=int(event["attempt"]),
        origin=Origin(event["origin"]),
        reason=event["reason"],
        execution_arn=event["execution_arn"],
    )
    logger.append_keys(deployment_id=request.deployment_id)
    plan = rollout.plan_rollback()(request)
    logger.info("planned", extra={"plan": plan})
    return plan
