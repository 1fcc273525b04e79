"""Orders that the cloud of these tests has signed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from awscrt.crypto import EC

from edge_agent.jobs.signatures import TrustedKeys
from edgeflow.contract.job import JobDocument
from edgeflow.contract.order import Order
from edgeflow.contract.signing import order_message
from tests.support.signing import LocalKey

JOB: Final = "dep_1-w00001-0000"
SIGNED_AT: Final = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
DEVICE_ID: Final = "dev_001"
ORDER_KEY: Final = LocalKey()
"""Signs the orders of these tests' cloud."""
TRUSTED: Final = TrustedKeys({ORDER_KEY.name: EC.new_key_from_der_data(ORDER_KEY.der)})


def signed(
    document: Mapping[str, Any],
    job_id: str = JOB,
    *,
    issued: int = 1,
    devices: tuple[str, ...] = (DEVICE_ID,),
    lasts: timedelta = timedelta(hours=1),
    key: LocalKey = ORDER_KEY,
) -> dict[str, Any]:
    """Return a document with its order, signed at noon for this job."""
    order = Order.of(
        JobDocument.model_validate(document), job_id=job_id, devices=devices, issued=issued, expires=SIGNED_AT + lasts
    )
    return dict(document) | {"order": sign(order.payload(), key)}


def sign(payload: str, key: LocalKey = ORDER_KEY) -> dict[str, str]:
    """Return a payload with its signature, as a document has it."""
    signature = key.sign(order_message(payload))
    return {"payload": payload, "key": signature.key, "value": signature.value}
