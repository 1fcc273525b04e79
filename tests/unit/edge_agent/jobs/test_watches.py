"""How often health is reported for open deployments: bounded, by the cloud's clock, and over at their end."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge_agent.jobs.watches import MAX_WATCH, after_job, seconds_between_reports
from edgeflow.contract.job import MAX_WATCH_SECONDS, MIN_WATCH_SECONDS, JobDocument, Watch
from tests.unit.edge_agent.device import FLOW, NOON, apply

AT_REST = 900.0
HOUR = timedelta(hours=1)


def job(watch: dict[str, Any] | None, *, flow_id: str = FLOW) -> JobDocument:
    document = apply(2) | {"flow_id": flow_id}
    return JobDocument.model_validate(document if watch is None else document | {"watch": watch})


def test_a_document_of_before_asks_for_nothing() -> None:
    assert job(None).watch is None
    assert after_job({}, job(None), now=NOON) == {}
    assert seconds_between_reports({}, now=NOON, at_rest=AT_REST) == AT_REST


def test_a_watch_says_when_it_ends_and_once_a_minute_when_it_says_nothing_else() -> None:
    assert Watch.model_validate({"until": "2026-02-21T13:00:00Z"}) == Watch(every_seconds=60, until=NOON + HOUR)


@pytest.mark.parametrize(
    "watch",
    [
        {"every_seconds": 60},
        {"until": "2026-02-21T13:00:00"},
        {"until": "1e999"},
        {"every_seconds": MIN_WATCH_SECONDS - 1, "until": "2026-02-21T13:00:00Z"},
        {"every_seconds": MAX_WATCH_SECONDS + 1, "until": "2026-02-21T13:00:00Z"},
        {"every_seconds": float("nan"), "until": "2026-02-21T13:00:00Z"},
    ],
)
def test_a_watch_without_bounds_is_refused(watch: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        job(watch)


def test_what_lasts_for_ever_is_cut_to_what_a_deployment_can_take() -> None:
    watches = after_job({}, job({"until": "9999-01-01T00:00:00Z"}), now=NOON)
    assert watches[FLOW].until == NOON + MAX_WATCH


def test_deployments_of_several_flows_are_watched_as_the_most_demanding_wants_until_each_ends() -> None:
    watches = after_job({}, job({"every_seconds": 60, "until": NOON + 2 * HOUR}), now=NOON)
    watches = after_job(watches, job({"every_seconds": 30, "until": NOON + HOUR}, flow_id="flow_2"), now=NOON)
    seconds = [
        seconds_between_reports(watches, now=NOON + after, at_rest=AT_REST) for after in (0 * HOUR, HOUR, 2 * HOUR)
    ]
    assert seconds == [30, 60, AT_REST]
    assert after_job(watches, job(None), now=NOON) == {"flow_2": watches["flow_2"]}


def test_a_device_that_reports_more_often_by_itself_goes_on_so() -> None:
    watches = after_job({}, job({"every_seconds": 60, "until": NOON + HOUR}), now=NOON)
    assert seconds_between_reports(watches, now=NOON, at_rest=20) == 20


@given(
    jobs=st.lists(
        st.tuples(st.sampled_from(["flow_1", "flow_2", "flow_3"]), st.none() | st.integers(-5, 500), st.integers(0, 5)),
        max_size=30,
    )
)
@pytest.mark.slow
def test_what_is_kept_is_open_and_never_grows(jobs: list[tuple[str, int | None, int]]) -> None:
    watches: dict[str, Watch] = {}
    now = NOON
    for flow_id, hours, passes in jobs:
        watch = None if hours is None else {"until": now + hours * HOUR}
        watches = after_job(watches, job(watch, flow_id=flow_id), now=now)
        assert set(watches) <= {"flow_1", "flow_2", "flow_3"}
        assert all(now < kept.until <= now + MAX_WATCH for kept in watches.values())
        now += passes * HOUR
