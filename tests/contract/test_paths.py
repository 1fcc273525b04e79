"""Places in a payload: how they are written, and that nothing is changed in place."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.nodes.paths import MAX_PATH_LENGTH, MAX_PATH_STEPS, NoPlaceError, NothingThereError, parse_path

PAYLOAD: Any = {"hall": {"load": 2, "sensors": [{"t": 1}, {"t": 2}], "a.b": True, "0": "zero"}, "none": None}

KEYS = st.sampled_from(["a", "b", "c", "0"])
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)
PATHS = st.lists(KEYS | st.sampled_from(["[0]", "[1]"]), max_size=4).map(
    lambda steps: "".join(f".{s}" if s[0] != "[" else s for s in steps).removeprefix(".")
)


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("", ()),
        ("a", ("a",)),
        ("a.b c.0", ("a", "b c", "0")),
        ("a[0].b[12]", ("a", 0, "b", 12)),
        ("[0][1]", (0, 1)),
        ('a["b.c"].d', ("a", "b.c", "d")),
    ],
)
def test_a_path_reads_as_steps(path: str, steps: tuple[str | int, ...]) -> None:
    assert parse_path(path).steps == steps


@pytest.mark.parametrize(
    "path",
    [".a", "a.", "a..b", "a[", "a[x]", "a[-1]", "a[0]b", "a]", '[""]', "a[100000]", "a[1234567]",
     "x" * (MAX_PATH_LENGTH + 1), ".".join("x" * (MAX_PATH_STEPS + 1))],
)  # fmt: skip
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no place in a payload"):
        parse_path(path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", PAYLOAD),
        ("hall.load", 2),
        ("hall.sensors[1].t", 2),
        ("hall.sensors.1.t", 2),
        ("hall.0", "zero"),
        ('hall["a.b"]', True),
        ("none", None),
    ],
)
def test_a_value_is_found(path: str, value: object) -> None:
    assert parse_path(path).find(PAYLOAD) == value


@pytest.mark.parametrize("path", ["x", "hall.load.x", "hall.sensors[2]", "hall[0]", "none.x", "hall.sensors.²"])
def test_a_place_without_a_value_is_named(path: str) -> None:
    with pytest.raises(NothingThereError, match="had nothing at"):
        parse_path(path).find(PAYLOAD)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("", {"a": 1}, 9),
        ("a", {}, {"a": 9}),
        ("a.b[0].c", {}, {"a": {"b": [{"c": 9}]}}),
        ("a.b", {"a": None, "z": 0}, {"a": {"b": 9}, "z": 0}),
        ("[1]", [1], [1, 9]),
        ("1", [1, 2, 3], [1, 9, 3]),
    ],
)
def test_a_value_is_put(path: str, before: Any, after: object) -> None:  # noqa: ANN401  any payload
    assert parse_path(path).put(before, 9) == after


@pytest.mark.parametrize(("path", "payload"), [("a.b", {"a": 1}), ("[2]", [1]), ("x", [1]), ("[0]", {"a": 1})])
def test_a_place_that_takes_no_value_is_named(path: str, payload: Any) -> None:  # noqa: ANN401  any payload
    with pytest.raises(NoPlaceError, match="takes nothing at"):
        parse_path(path).put(payload, 9)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("", 1, None),
        ("a", {"a": 1, "b": 2}, {"b": 2}),
        ("a[0]", {"a": [1, 2]}, {"a": [2]}),
        ("a.x", {"a": 1}, {"a": 1}),
    ],
)
def test_a_value_is_removed(path: str, before: Any, after: object) -> None:  # noqa: ANN401  any payload
    assert parse_path(path).remove(before) == after


@given(payload=JSON, path=PATHS)
def test_putting_and_removing_never_change_the_payload_they_were_given(payload: Any, path: str) -> None:  # noqa: ANN401
    before = copy.deepcopy(payload)
    place = parse_path(path)
    try:
        changed = place.put(payload, "new")
    except NoPlaceError:
        changed = None
    else:
        assert place.find(changed) == "new"
    removed = place.remove(payload)
    assert payload == before
    json.dumps([changed, removed])
