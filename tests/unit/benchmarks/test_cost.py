"""What the project costs on AWS: the goal is kept, the page is up to date, and the meter counts as AWS documents."""

from typing import Any

import pytest

from benchmarks.cost.__main__ import GOAL, PAGE, page
from benchmarks.cost.at_rest import SAMPLE, at_rest, counted_reports
from benchmarks.cost.meter import Meter
from benchmarks.cost.prices import DOLLARS, Bill, Item
from edgeflow.adapters.table import ConditionFailed, Table

KB = "x" * 1_000
LISTED = {"gsi1pk": "DEVICES", "gsi1sk": "dev_1"}
TARGET = {"lsi1sk": "WAVE#00001#dev_1", "gsi2pk": "DEVICE#dev_1", "gsi2sk": "2026#dep_1", "status": "pending"}


@pytest.mark.slow
def test_a_thousand_devices_at_rest_cost_what_they_may() -> None:
    assert at_rest().dollars <= GOAL


@pytest.mark.slow
def test_a_report_without_news_is_one_write_and_no_read() -> None:
    assert counted_reports() == {Item.WRITES: SAMPLE, Item.READS: 0}


@pytest.mark.slow
def test_the_page_is_what_the_program_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make costs writes it anew"


def test_everything_has_a_price() -> None:
    assert set(DOLLARS) == set(Item)
    assert Bill("two keys", {Item.KEYS: 2.0}).dollars == 2 * DOLLARS[Item.KEYS]


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        ({}, {"text": "short"}, 1),
        ({}, {"text": KB + KB}, 2),
        ({"text": KB + KB}, {"text": "short"}, 2),  # by the larger of the two
        ({}, LISTED, 3),  # the table and two indexes
        (LISTED, LISTED | {"text": "short"}, 2),  # by_list has it, by_fleet does not
        (LISTED, LISTED | {"connected": True}, 3),
        (LISTED, LISTED | {"gsi1sk": "dev_2"}, 5),  # an entry that moves is deleted and written
        (LISTED, {}, 3),
        (LISTED, LISTED, 1),
        ({}, {"lsi1sk": "WAVE#1"}, 2),
        ({}, TARGET, 3),
        (TARGET, TARGET | {"status": "success", "reason": None}, 1),  # no index has how it ended
    ],
)
def test_writes_are_counted_by_size_and_index(
    table: Table, before: dict[str, Any], after: dict[str, Any], units: int
) -> None:
    key = {"pk": "p", "sk": "s"}
    if before:
        table.put(key | before)
    meter = Meter(table.name)
    with meter.on(table._client):  # noqa: SLF001  what it is asked for is what costs
        table.put(key | after)
    assert meter.counted[Item.WRITES] == units


def test_a_transaction_costs_double_and_a_refused_write_too(table: Table) -> None:
    table.put({"pk": "p", "sk": "s"})
    meter = Meter(table.name)
    with meter.on(table._client):  # noqa: SLF001  as above
        table.transact([table.put_action({"pk": "p", "sk": "t"}, condition="attribute_not_exists(pk)")])
        assert meter.counted[Item.WRITES] == 2
        with pytest.raises(ConditionFailed):
            table.put({"pk": "p", "sk": "s"}, condition="attribute_not_exists(pk)")
        assert meter.counted[Item.WRITES] == 3


def test_reads_are_counted_in_steps_of_four_kilobytes(table: Table) -> None:
    for number in range(6):
        table.put({"pk": "p", "sk": f"{number}", "text": KB})
    meter = Meter(table.name)
    with meter.on(table._client):  # noqa: SLF001  as above
        table.get(("p", "0"))
        assert meter.counted[Item.READS] == 1
        list(table.query_all("p"))
        assert meter.counted[Item.READS] == 1 + 2
        table.get_many([("p", "0"), ("p", "1"), ("p", "9")])
        assert meter.counted[Item.READS] == 1 + 2 + 2
    assert meter.counted[Item.WRITES] == 0
    assert meter.requests == {"GetItem": 1, "Query": 1, "BatchGetItem": 1}
