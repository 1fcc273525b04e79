"""Which orders the device has taken up, so that none of before counts once more.

It is a part of the state: an order is on disk as taken up in the write that puts its job there, and before anything is
done for it. It outlives the removal of its flow.
"""

from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field

from edgeflow.contract.ids import FlowId
from edgeflow.contract.order import JobId, Order
from edgeflow.contract.wire import Milliseconds

MAX_FLOWS: Final = 1_000
"""Of so many flows the newest order is remembered."""


class TakenUp(BaseModel):
    """The newest order of a flow. ``ended``: the cloud has taken how its job ended, or says that it was cancelled."""

    model_config = ConfigDict(frozen=True)

    issued: Milliseconds
    job_id: JobId
    ended: bool = False


class TakenUpOrders(BaseModel):
    """The newest order of each flow. Orders of other flows count when they were issued after ``floor``."""

    model_config = ConfigDict(frozen=True)

    floor: int = 0
    flows: dict[FlowId, TakenUp] = Field(default_factory=dict)

    def refusal(self, order: Order) -> str | None:
        """Say in a clause why an order is of before; None when it is new, or the newest and not carried out yet."""
        newest = self.flows.get(order.flow_id)
        if newest is None:
            return None if order.issued > self.floor else "it is older than orders that the device has forgotten"
        if (order.issued, order.job_id) == (newest.issued, newest.job_id):
            return "the device has carried it out already, or it was cancelled" if newest.ended else None
        return None if order.issued > newest.issued else f"the device has taken up the newer one of job {newest.job_id}"

    def holds(self, order: Order) -> bool:
        """Tell whether an order is the newest of its flow."""
        newest = self.flows.get(order.flow_id)
        return newest is not None and (newest.issued, newest.job_id) == (order.issued, order.job_id)

    def taking_up(self, order: Order) -> Self:
        """Return the record once a new order is taken up. When there are too many flows, the oldest order goes."""
        flows = {**self.flows, order.flow_id: TakenUp(issued=order.issued, job_id=order.job_id)}
        floor = self.floor
        while len(flows) > MAX_FLOWS:
            oldest = min(flows, key=lambda flow_id: flows[flow_id].issued)
            floor = max(floor, flows.pop(oldest).issued)
        return self.model_copy(update={"flows": flows, "floor": floor})

    def ended(self, flow_id: str, job_id: str) -> Self:
        """Return the record once a job has ended, by the cloud's word."""
        newest = self.flows.get(flow_id)
        if newest is None or newest.job_id != job_id:
            return self
        flows = {**self.flows, flow_id: newest.model_copy(update={"ended": True})}
        return self.model_copy(update={"flows": flows})
