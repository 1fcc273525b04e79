"""Entry point: the first state of each strategy's machine."""

from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from edgeflow.bootstrap import rollout

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int | bool | str]:
    """Plan ``event["deployment_id"]``.

    Answers outcome, waves, auto_rollback, and whole seconds to wait: timeout_seconds, batch_delay_seconds,
    canary_delay_seconds, switch_delay_seconds.
    """
    logger.append_keys(deployment_id=event["deployment_id"])
    plan = rollout.plan_rollout()(event["deployment_id"])
    logger.info("planned", extra={"plan": plan})
    return plan
