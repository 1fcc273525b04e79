"""docs/api.md tells of every route and every code, and what the API's document says is made of that."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.paths import ROUTES
from edgeflow.contract.rest.problem import Code
from openapi.api_docs import with_parts
from openapi.tables import Models
from tests.support.openapi import DOCUMENT

DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
WRITTEN = re.compile(r"<!-- ([a-z -]+): written by `make openapi` -->\n(.*?)<!-- end of \1 -->\n", re.DOTALL)
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)


DURATION = {
    "anyOf": [
        {"type": "string", "description": "A duration such as `90s`, `5m` or `1h30m`, from 1s to 7d"},
        {"type": "null"},
    ],
    "description": "How long",
}


def repeated(text: str) -> list[str]:
    """Return the hand-written tables of a page, by their first lines, that tell what the fields of a model are.

    Of what such a table names in its first column, two or more, and a third at least, are fields of one model, or
    parameters of one route. Values of an enumeration, which can have the names of fields, are no fields.
    """
    values = {frozenset(found) for found in _enumerations(DOCUMENT)}
    return [
        table.partition("\n")[0]
        for table in TABLE.findall(WRITTEN.sub("", text))
        if (names := _first_column(table)) not in values and _are_of_one(names)
    ]


def _are_of_one(names: frozenset[str]) -> bool:
    most = max(len(names & fields) for fields in _fields())
    return most > 1 and most * 3 >= len(names)


def _first_column(table: str) -> frozenset[str]:
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    return frozenset(name.rpartition(".")[2] for cell in cells for name in re.findall(r"`([\w.\[\]]+)`", cell))


def _fields() -> Iterator[set[str]]:
    for schema in DOCUMENT["components"]["schemas"].values():
        yield set(schema.get("properties", ()))
    for item in DOCUMENT["paths"].values():
        for method, operation in item.items():
            if method != "parameters":
                yield {each["name"] for each in operation.get("parameters", ()) if "name" in each}


def _enumerations(part: Any) -> Iterator[list[str]]:  # noqa: ANN401  JSON can be anything
    if isinstance(part, dict):
        if isinstance(part.get("enum"), list):
            yield part["enum"]
        for value in part.values():
            yield from _enumerations(value)
    elif isinstance(part, list):
        for value in part:
            yield from _enumerations(value)


def test_every_route_is_told_and_no_other() -> None:
    told = set(re.findall(r"^\| `([A-Z]+ /v1/\S+)` \|", DOCS, re.MULTILINE))
    there = {
        method + " " + path.replace("<", "{").replace(">", "}")
        for path, methods in ROUTES.items()
        for method in methods
    }
    assert told == there


def test_every_code_is_told_and_no_other() -> None:
    told = set(re.findall(r"^\| `([a-z-]+)` \| [45]\d\d \|", DOCS, re.MULTILINE))
    assert told == {code.value for code in Code}


def test_no_table_of_a_model_is_written_by_hand() -> None:
    assert repeated(DOCS) == []


@pytest.mark.parametrize(
    "rows",
    [
        "| `name` | 1 to 128 characters |\n| `tags` | at most 20 |\n",
        "| `definition.nodes` | at most 1,000 |\n| `definition.variables` | at most 200 |\n",
        "| `title`, `summary`, `documentation` | for people |\n",
        "| `timeout`: the longest a wave may take | `30m` |\n| `batch_size`: devices | 10 |\n",
        "| `limit` | 1 to 100 |\n| `cursor` | where to go on |\n",
    ],
)
def test_a_table_of_a_model_that_is_written_by_hand_is_found(rows: str) -> None:
    table = f"| key | what |\n|---|---|\n{rows}"
    assert repeated(f"Words.\n\n{table}\nMore.\n") == ["| key | what |"]
    assert repeated(f"<!-- a part: written by `make openapi` -->\n{table}<!-- end of a part -->\n") == []


def test_a_table_of_codes_is_not_taken_for_one_of_fields() -> None:
    rows = "".join(f"| `{code}` | words |\n" for code in ("offline", "job", "health_window", "unknown"))
    assert repeated(f"| code | what |\n|---|---|\n{rows}") == []


def test_whatever_is_told_of_a_model_says_what_it_is() -> None:
    bare = [row for _, part in WRITTEN.findall(DOCS) for row in part.splitlines() if row.endswith("|  |")]
    assert bare == []


def test_a_changed_bound_default_or_description_changes_the_page() -> None:
    field = {"type": "integer", "minimum": 1, "maximum": 2_000, "default": 7, "description": "Devices of a batch"}
    inner = {"type": "object", "properties": {"wait": DURATION}, "required": ["wait"]}
    listed = {"type": "array", "maxItems": 3, "items": {"$ref": "#/components/schemas/Inner"}, "description": "Waits"}
    models = Models(
        {
            "components": {
                "schemas": {"Outer": {"type": "object", "properties": {"n": field, "l": listed}}, "Inner": inner}
            }
        }
    )
    assert models.body("Outer").splitlines()[2:] == [
        "| `n` | whole number, 1 to 2,000 | `7` | devices of a batch |",
        "| `l` | list, at most 3, each an object | – | waits |",  # noqa: RUF001  a dash in a table
        "| `l[].wait` | duration such as `1h30m`, `1s` to `7d`, or null | required | how long |",
    ]


def test_settings_of_one_name_that_differ_are_not_told_as_one() -> None:
    schemas = {
        name: {"properties": {"n": {"type": kind, "default": 1}}} for name, kind in (("A", "integer"), ("B", "number"))
    }
    with pytest.raises(ValueError, match="unpack"):
        Models({"components": {"schemas": schemas}}).settings({"a": "A", "b": "B"})


def test_every_part_of_the_page_is_in_its_place_once() -> None:
    names = [name for name, _ in WRITTEN.findall(DOCS)]
    assert len(names) == len(set(names)) == DOCS.count("<!-- end of ")
    assert with_parts(DOCS, DOCUMENT) == DOCS
