"""What a job orders: on a device that was given keys of orders, what a signed order says; else what the document says.

signed by a trusted key ─> for this job and this device ─> newer than any before ─> not expired ─> taken up
│                          │                           │                    │
└──── order_untrusted ─────┘                     order_replayed       order_expired
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from pydantic import ValidationError

from edge_agent.disk.orders import TakenUpOrders
from edge_agent.disk.state import AgentState
from edge_agent.jobs.ports import Execution
from edge_agent.jobs.read_document import NotUnderstood, faults_of, read_document, url_of
from edge_agent.jobs.signatures import TrustedKeys, Untrusted
from edge_agent.jobs.watches import Watches, after_job
from edgeflow.contract.job import JobDocument
from edgeflow.contract.order import ORDER_SCHEMA, Order
from edgeflow.contract.reasons import Reason
from edgeflow.contract.signing import SignedOrder

_T = TypeVar("_T")
_FORGED: Final = "so it was not the stack that created this job; look who else may create jobs in the account"


@dataclass(frozen=True, slots=True)
class Ordered:
    """What is to be done, and what the device notes when it takes that up."""

    document: JobDocument
    orders: TakenUpOrders
    watches: Watches


class _Refused(Exception):
    """The order does not count."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class OrderReader:
    """Reads what jobs order this device."""

    def __init__(self, device_id: str, keys: TrustedKeys, clock: Callable[[], datetime]) -> None:
        """Take orders that one of these keys signed for this device; without keys whatever the cloud sends.

        The time is the cloud's where it told it with the job, else that of ``clock``.
        """
        self._device_id = device_id
        self._keys = keys
        self._clock = clock

    def __call__(self, execution: Execution, state: AgentState) -> Ordered | NotUnderstood:
        """Return what a job orders, or why it is refused. One whose job is at work goes on, however late it is."""
        now = execution.told_at or self._clock()
        orders = state.orders
        if not self._keys:
            document = read_document(execution.document)
            if isinstance(document, NotUnderstood):
                return document
        else:
            try:
                order = self._trusted(execution)
            except _Refused as refused:
                # Nobody vouches for the flow that the document names, so nothing is reported of any.
                return NotUnderstood(refused.reason, str(refused), flow_id="")
            try:
                self._require_new(order, execution, state, now)
                document = _understood(lambda: order.document(url_of(execution.document)))
            except _Refused as refused:
                return NotUnderstood(refused.reason, str(refused), order.flow_id)
            if not orders.holds(order):
                orders = orders.taking_up(order)
        return Ordered(document, orders, after_job(state.watches, document, now=now))

    def _trusted(self, execution: Execution) -> Order:
        """Return the order that was signed for this job and this device."""
        order = _read(self._signed(execution.document))
        if order.job_id != execution.job_id:
            message = f"the order was signed for job {order.job_id}, and came as {execution.job_id}: {_FORGED}"
            raise _Refused(Reason.ORDER_UNTRUSTED, message)
        if self._device_id not in order.devices:
            message = f"the order was signed for other devices than {self._device_id}: {_FORGED}"
            raise _Refused(Reason.ORDER_UNTRUSTED, message)
        return order

    def _signed(self, document: object) -> str:
        """Return the payload of a document's order, which a trusted key has signed."""
        given = document.get("order") if isinstance(document, Mapping) else None
        if given is None:
            message = (
                "the job has no signed order, and this device takes no other; update the stack if it is of before "
                "there were signed orders, or take order_keys out of the agent's settings"
            )
            raise _Refused(Reason.ORDER_UNTRUSTED, message)
        try:
            signed = SignedOrder.model_validate(given)
            self._keys.require_order(signed)
        except ValidationError as error:
            message = f"the job's signed order cannot be read: {faults_of(error)}"
            raise _Refused(Reason.ORDER_UNTRUSTED, message) from error
        except Untrusted as error:
            raise _Refused(Reason.ORDER_UNTRUSTED, str(error)) from error
        return signed.payload

    def _require_new(self, order: Order, execution: Execution, state: AgentState, now: datetime) -> None:
        why = state.orders.refusal(order)
        if why is not None:
            raise _Refused(Reason.ORDER_REPLAYED, f"the order is one of before: {why}; deploy what is to run anew")
        is_at_work = state.job is not None and state.job.job_id == order.job_id and state.orders.holds(order)
        if now < order.expires or is_at_work:
            return
        clock = "this device's clock" if execution.told_at is None else "the clock of AWS IoT"
        message = (
            f"the order expired at {_written(order.expires)}, and by {clock} it is {_written(now)}; "
            "deploy what is to run anew, or set the clock if that is wrong"
        )
        raise _Refused(Reason.ORDER_EXPIRED, message)


def _read(payload: str) -> Order:
    try:
        said = json.loads(payload)
    except ValueError as error:
        message = f"the signed order is no JSON: {error}"
        raise _Refused(Reason.ORDER_UNTRUSTED, message) from error
    schema = said.get("schema") if isinstance(said, dict) else None
    if schema != ORDER_SCHEMA:
        message = f"the signed order's schema is {schema!r}; this agent reads {ORDER_SCHEMA}"
        raise _Refused(Reason.UNSUPPORTED_SCHEMA, message)
    return _understood(lambda: Order.model_validate(said))


def _understood(read: Callable[[], _T]) -> _T:
    """Return what is read of an order that is trusted: what this agent does not know is newer than it."""
    try:
        return read()
    except ValidationError as error:
        message = f"the signed order is not understood: {faults_of(error)}"
        raise _Refused(Reason.UNSUPPORTED_OPERATION, message) from error


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
