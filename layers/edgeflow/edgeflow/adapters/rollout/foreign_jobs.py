"""Jobs that somebody else in the account has created, under a name that the stack was to give to one of its own."""

from functools import cache
from typing import Any, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from pydantic import ValidationError

from edgeflow.contract.job import JobDocument
from edgeflow.contract.order import Order

METRIC: Final = "ForeignJobs"
NAMESPACE: Final = "EdgeFlow"
SERVICE: Final = "jobs"
"""The metric's dimension."""

_OF_THE_DELIVERY: Final = {"issued", "expires", "watch", "health_check", "devices"}
"""What differs between two deliveries of one message: times, settings of the stack, and who is left to be asked."""


def is_same_order(text: str, document: JobDocument) -> bool:
    """Tell whether a job's document orders what another delivery of the same message has ordered.

    Its order may be for more devices than are left now. Whether it is signed is for devices to say.
    """
    try:
        there = JobDocument.model_validate_json(text)
        if _said(there) != _said(document) or (there.order is None) != (document.order is None):
            return False
        if there.order is None or document.order is None:
            return True
        signed, ours = (Order.model_validate_json(each.payload) for each in (there.order, document.order))
    except ValidationError:
        return False
    same = signed.model_dump(exclude=_OF_THE_DELIVERY) == ours.model_dump(exclude=_OF_THE_DELIVERY)
    return same and set(ours.devices) <= set(signed.devices)


def tell_foreign_job(job_id: str) -> None:
    """Log and count a job that is not the stack's; an alarm watches the metric."""
    with single_metric(
        METRIC, unit=MetricUnit.Count, value=1, namespace=NAMESPACE, default_dimensions={"service": SERVICE}
    ):
        _logger().error("a job of this name is there, and is not the stack's", extra={"job_id": job_id})


def _said(document: JobDocument) -> dict[str, Any]:
    """Return what a document orders, but for the artifact's address: its bytes are known by their hash."""
    said = document.model_dump(exclude={"order", "watch", "health_check", "artifact"})
    artifact = document.artifact
    return said | {"artifact": None if artifact is None else artifact.model_dump(exclude={"url"})}


@cache
def _logger() -> Logger:
    return Logger(child=True)
