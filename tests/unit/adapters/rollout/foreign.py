"""Documents with orders, as a delivery of a message makes them; their signatures are worth nothing."""

from datetime import UTC, datetime, timedelta
from typing import Final

from edgeflow.contract.job import JobDocument
from edgeflow.contract.order import Order
from edgeflow.contract.signing import SignedOrder
from edgeflow.domain.clock import milliseconds

AT: Final = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)


def ordering(document: JobDocument, job_id: str, *devices: str, at: datetime = AT) -> JobDocument:
    """Return the document with its order, for this job and these devices."""
    order = Order.of(document, job_id=job_id, devices=devices, issued=milliseconds(at), expires=at + timedelta(hours=2))
    return document.model_copy(update={"order": SignedOrder(payload=order.payload(), key="a" * 64, value="AAAA")})
