"""What devices send of their health: bounded, refused only where it cannot be understood, and always JSON again."""

import json
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edgeflow.contract.report import HealthReport
from edgeflow.contract.wire import MAX_WIRE_NUMBER

FLOW: Final = {
    "flow_id": "flow_1",
    "version": 2,
    "sha256": "a" * 64,
    "slot": "blue",
    "health": "unhealthy",
    "since": "2026-02-21T12:00:00Z",
    "nodes": [{"node_id": "reader", "health": "unhealthy", "error": "no answer"}],
    "messages_per_minute": 12.5,
    "dropped": 3,
    "activity": [{"node_id": "reader", "received_per_minute": 1, "sent_per_minute": 2}],
}
REPORT: Final = {
    "schema": "edgeflow.health/1",
    "sent_at": "2026-02-21T12:00:00Z",
    "sequence": 1_771_675_200_000,
    "agent_version": "1.0.0",
    "flows": [FLOW],
    "vitals": {"uptime": 5, "memory_total": 10**9, "temperature": 41.5},
}
TOO_MUCH: Final = ["1e999", "-1e999", "NaN", "-1", str(10**30), "9" * 43, "9" * 400]
"""Numbers as JSON can write them, with which no counter and no measure can have been meant."""
NO_MOMENTS: Final = [
    '"0001-01-01T00:00:00+23:59"',
    '"9999-12-31T23:59:59-23:59"',
    '"2026-02-21T12:00:00"',
    '"yesterday"',
    "1e999",
    "null",
]


def written(place: tuple[str | int, ...], value: str) -> dict[str, Any]:
    """Return the report with a value, as JSON writes it, at a place; read as the function reads a message."""
    told: Any = json.loads(json.dumps(REPORT))
    inner = told
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = "HERE"
    read: dict[str, Any] = json.loads(json.dumps(told).replace('"HERE"', value))
    return read


def healths(report: HealthReport) -> list[tuple[str, int, str]]:
    return [(flow.flow_id, flow.version, flow.health.value) for flow in report.flows]


def test_a_report_that_keeps_every_bound_is_taken_whole() -> None:
    report, left_out = HealthReport.from_wire(REPORT)
    assert left_out == 0
    assert report == HealthReport.model_validate(REPORT)


@pytest.mark.parametrize("number", TOO_MUCH)
@pytest.mark.parametrize(
    "place",
    [
        ("vitals", "uptime"),
        ("vitals", "memory_total"),
        ("vitals", "temperature"),
        ("flows", 0, "messages_per_minute"),
        ("flows", 0, "dropped"),
        ("flows", 0, "activity", 0, "received_per_minute"),
        ("flows", 0, "activity", 0, "dropped"),
    ],
)
def test_a_measure_that_makes_no_sense_is_left_out_and_the_rest_counts(
    place: tuple[str | int, ...], number: str
) -> None:
    if place[-1] == "temperature" and number == "-1":
        number = "-300"
    report, left_out = HealthReport.from_wire(written(place, number))
    assert left_out == 1
    assert healths(report) == [("flow_1", 2, "unhealthy")]
    assert HealthReport.model_validate_json(report.model_dump_json(by_alias=True)) == report


@pytest.mark.parametrize("value", ["[]", '"hot"', "[1, 2]", "7"])
@pytest.mark.parametrize("place", [("vitals",), ("flows", 0, "activity"), ("flows", 0, "nodes")])
def test_what_is_told_beside_a_report_is_left_out_where_it_is_something_else(
    place: tuple[str | int, ...], value: str
) -> None:
    report, left_out = HealthReport.from_wire(written(place, value))
    assert left_out <= 2
    assert healths(report) == [("flow_1", 2, "unhealthy")]


@pytest.mark.parametrize(
    ("place", "values"),
    [
        (("sequence",), TOO_MUCH),
        (("flows", 0, "version"), [*TOO_MUCH, "0"]),
        (("sent_at",), NO_MOMENTS),
        (("flows", 0, "since"), NO_MOMENTS),
        (("flows", 0, "health"), ['"fine"', "null", "[]"]),
        (("flows",), ["null", "{}", '"none"']),
        (("flows", 0), ["null", "[]", "7"]),
    ],
)
def test_a_report_that_cannot_be_understood_is_refused(place: tuple[str | int, ...], values: list[str]) -> None:
    for value in values:
        with pytest.raises(ValidationError):
            HealthReport.from_wire(written(place, value))


def test_moments_are_kept_in_utc() -> None:
    report, _ = HealthReport.from_wire(written(("flows", 0, "since"), '"0001-01-02T00:00:00+23:59"'))
    assert report.flows[0].since == datetime(1, 1, 1, 0, 1, tzinfo=UTC)
    assert report.flows[0].since.tzinfo is UTC


VALUES: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**400), max_value=10**400)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["flow_1", "blue", "healthy", "2026-02-21T12:00:00Z", "0001-01-01T00:00:00+23:59", "a" * 64]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*REPORT, *FLOW]), inner, max_size=4),
    max_leaves=10,
)


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a report that is right but for some of its values."""
    told: dict[str, Any] = json.loads(json.dumps(REPORT))
    parts: list[dict[str, Any]] = [told, told["flows"][0], told["vitals"], told["flows"][0]["activity"][0]]
    for _ in range(draw(st.integers(1, 3))):
        part = draw(st.sampled_from(parts))
        part[draw(st.sampled_from(sorted(part)))] = draw(VALUES)
    return told


@given(told=reports())
def test_whatever_is_taken_can_be_written_as_json_and_read_again(told: dict[str, Any]) -> None:
    try:
        report, _ = HealthReport.from_wire(told)
    except ValidationError:
        return
    text = report.model_dump_json(by_alias=True)
    assert HealthReport.model_validate_json(text) == report
    assert all(abs(number) <= MAX_WIRE_NUMBER for number in numbers(json.loads(text)))


def numbers(value: object) -> list[float]:
    match value:
        case bool():
            return []
        case int() | float():
            return [value]
        case dict():
            return [number for inner in value.values() for number in numbers(inner)]
        case list():
            return [number for inner in value for number in numbers(inner)]
        case _:
            return []
