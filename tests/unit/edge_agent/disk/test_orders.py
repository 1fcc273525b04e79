"""No order counts that is older than one that was taken up for its flow, whatever comes, and however many flows."""

from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.disk.orders import MAX_FLOWS, TakenUpOrders
from edgeflow.contract.job import Operation
from edgeflow.contract.order import Order

NOON = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)


def order(flow: int, issued: int, job: str = "job") -> Order:
    return Order(
        job_id=job,
        devices=("dev_001",),
        issued=issued,
        expires=NOON,
        operation=Operation.REMOVE,
        deployment_id="dep_1",
        flow_id=f"flow_{flow}",
    )


def test_the_newest_order_goes_on_until_the_cloud_has_taken_its_end() -> None:
    newest = order(1, 5)
    orders = TakenUpOrders().taking_up(newest)
    assert orders.holds(newest)
    assert orders.refusal(newest) is None
    assert orders.ended("flow_1", "another") == orders.ended("flow_2", "job") == orders
    assert orders.ended("flow_1", "job").refusal(newest) == "the device has carried it out already, or it was cancelled"


@pytest.mark.parametrize(("issued", "job"), [(4, "job"), (4, "another"), (5, "another"), (1, "job")])
def test_what_is_older_or_as_old_and_another_is_refused(issued: int, job: str) -> None:
    orders = TakenUpOrders().taking_up(order(1, 5))
    assert orders.refusal(order(1, issued, job)) == "the device has taken up the newer one of job job"
    assert orders.refusal(order(2, issued, job)) is None, "each flow counts for itself"


def test_of_a_thousand_flows_the_newest_order_is_remembered_and_none_of_the_others_is_as_old() -> None:
    orders = TakenUpOrders()
    for flow in range(MAX_FLOWS + 1):
        orders = orders.taking_up(order(flow, flow + 10))
    assert len(orders.flows) == MAX_FLOWS
    assert orders.floor == 10
    assert orders.refusal(order(0, 10)) == "it is older than orders that the device has forgotten"
    assert orders.refusal(order(0, 11)) is None


@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 30), st.sampled_from("ab"), st.booleans()), max_size=60)
)
def test_no_order_is_taken_up_after_a_newer_one_of_its_flow(steps: list[tuple[int, int, str, bool]]) -> None:
    orders, taken_up = TakenUpOrders(), dict[int, tuple[int, str]]()
    with patch("edge_agent.disk.orders.MAX_FLOWS", 3):
        for flow, issued, job, ends in steps:
            asked = order(flow, issued, job)
            before = taken_up.get(flow)
            if orders.refusal(asked) is None:
                assert before is None or issued > before[0] or (issued, job) == before
                taken_up[flow] = issued, job
                orders = orders if orders.holds(asked) else orders.taking_up(asked)
            elif before is None:
                assert issued <= orders.floor, "a new flow is refused only below what was forgotten"
            if ends:
                orders = orders.ended(f"flow_{flow}", job)
            assert len(orders.flows) <= 3
            read_back = TakenUpOrders.model_validate_json(orders.model_dump_json())
            assert read_back == orders
