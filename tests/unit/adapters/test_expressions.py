"""Update expressions: every attribute by a placeholder, also such as are DynamoDB's own words."""

from edgeflow.adapters.expressions import as_read, change, one_of
from edgeflow.adapters.table import Table

KEY = ("thing", "one")


def test_all_parts_are_written_in_one_update(table: Table) -> None:
    pk, sk = KEY
    table.put({"pk": pk, "sk": sk, "status": "old", "count": 1, "size": 5, "names": {"a", "b"}, "first": "kept"})
    update = change(
        put={"status": "new", "size": None},
        once={"first": "late", "second": "set"},
        add={"count": 2},
        drop=["never"],
        delete={"names": {"a"}},
    )
    table.update(KEY, update.expression, values=update.values, names=update.names)
    assert table.get(KEY) == {
        "pk": pk,
        "sk": sk,
        "status": "new",
        "count": 3,
        "names": {"b"},
        "first": "kept",
        "second": "set",
    }


def test_what_is_not_asked_for_is_not_in_the_expression() -> None:
    assert change(put={"status": "new"}).expression == "SET #status = :status"
    assert change(drop=["token"]).expression == "REMOVE #token"
    assert change().expression == ""


def test_one_of_lists_its_candidates_always_in_the_same_order() -> None:
    assert one_of("status", {"b", "a"}) == one_of("status", ["a", "b"])
    assert one_of("status", {"b", "a"}) == ("#status IN (:status_0, :status_1)", {":status_0": "a", ":status_1": "b"})


def test_as_read_is_on_the_values_that_were_there_and_on_the_absence_of_others() -> None:
    condition = as_read({"status": "new"}, "status", "token")
    assert condition.expression == "#status = :status_read AND attribute_not_exists(#token)"
    assert (condition.names, condition.values) == (
        {"#status": "status", "#token": "token"},
        {":status_read": "new"},
    )
