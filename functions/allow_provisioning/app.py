"""Entry point: the pre-provisioning hook of the provisioning template. AWS IoT waits 5 seconds for the answer."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from allow_provisioning.requests import HookEvent
from edgeflow.bootstrap import enrolment

logger = Logger()
tracer = Tracer()
metrics = Metrics(service="allow_provisioning", namespace="EdgeFlow")

MALFORMED = "malformed_request"


@metrics.log_metrics
@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, bool]:
    """Answer whether the certificate may be given out; an error refuses it as well, and the device tries again."""
    refusal, extra = _decide(event)
    if refusal is not None:
        metrics.add_metric("ProvisioningRefused", MetricUnit.Count, 1)
        logger.warning("provisioning refused", extra=extra | {"reason": refusal})
        return {"allowProvisioning": False}
    metrics.add_metric("ProvisioningAllowed", MetricUnit.Count, 1)
    logger.info("provisioning allowed", extra=extra)
    return {"allowProvisioning": True}


def _decide(event: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    try:
        request = HookEvent.model_validate(event).request()
    except ValidationError as error:
        return MALFORMED, {"faults": error.errors(include_url=False, include_input=False)}
    extra = {
        "device_id": request.device_id,
        "client_id": request.client_id,
        "certificate": request.certificate,
        "presented": request.presented,
    }
    return enrolment.allow_provisioning()(request), extra
