"""JSON from outside: numbers of any length, and what is kept of them."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.flow import Variable, VariableType
from edgeflow.contract.json_values import MAX_DEPTH, Survey, number_faults, read_json, survey
from edgeflow.contract.variables import check_variable, read_variable
from edgeflow.contract.wire import MAX_WIRE_NUMBER

_LEAVES = (
    st.none()
    | st.booleans()
    | st.text(max_size=5)
    | st.integers(-(10**330), 10**330)
    | st.integers(-(2**54), 2**54)
    | st.floats(allow_nan=False, allow_infinity=False)
)
_DOCUMENTS = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)


def at(document: Any, place: tuple[int | str, ...]) -> Any:  # noqa: ANN401  JSON can be anything
    """Return what is at a place."""
    for part in place:
        document = document[part]
    return document


@given(document=_DOCUMENTS)
def test_each_number_that_not_every_reader_keeps_is_found_at_its_place(document: object) -> None:
    read = read_json(json.dumps(document))
    assert read == document
    faults = dict(number_faults(read))
    assert survey(read).has_odd_numbers == bool(faults)
    for place in faults:
        number = at(document, place)
        assert not isinstance(number, bool)
        assert abs(number) > MAX_WIRE_NUMBER
    # What is left after taking those out is the same for a reader that has doubles alone.
    if not faults:
        assert json.loads(json.dumps(document), parse_int=float) == document


@pytest.mark.parametrize("text", ["9" * 401, "9" * 4_301, "9" * 500_000, "1e999"])
def test_a_number_of_any_length_is_read_and_found(text: str) -> None:
    for sign, infinity in (("", math.inf), ("-", -math.inf)):
        read = read_json(f'{{"a": [{sign}{text}, 1]}}')
        assert read == {"a": [infinity, 1]}
        assert [place for place, _ in number_faults(read)] == [("a", 0)]


@pytest.mark.parametrize("depth", [1, 2, MAX_DEPTH, MAX_DEPTH + 1, 500])
def test_depth_is_counted_in_levels(depth: int) -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        document = read_json(opening * (depth - 1) + "1" + closing * (depth - 1))
        assert survey(document) == Survey(too_deep=depth > MAX_DEPTH, has_odd_numbers=False)


@given(document=st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_whole_characters_are_whole(document: object) -> None:
    assert survey(document) == Survey()


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "\\ude00\\ud83d", "\\ud83d\\ud83d\\ude00", "\ud800"])
@pytest.mark.parametrize("around", ['"%s"', '{"%s": 1}', '{"a": ["\U0001f600", {"%s": 1}]}', '[1, [["b%sc"]]]'])
def test_half_of_a_surrogate_pair_is_found_wherever_it_is(half: str, around: str) -> None:
    assert survey(read_json(around % half)) == Survey(has_half_pairs=True)
    assert survey(read_json(around % "\\ud83d\\ude00 \\\\ud800")) == Survey()


@pytest.mark.parametrize("value", ["9" * 400, 10**400, "1e999", "NaN", "1_0", "\u0663", True, "true", "", None])
def test_a_number_variable_takes_finite_numbers_alone(value: object) -> None:
    with pytest.raises(ValueError, match="needs a finite number"):
        read_variable(Variable(name="v", type=VariableType.NUMBER, value=value))


@pytest.mark.parametrize("value", [str(MAX_WIRE_NUMBER + 1), MAX_WIRE_NUMBER + 1])
def test_a_device_reads_what_was_published_before_whole_numbers_had_bounds(value: object) -> None:
    variable = Variable(name="v", type=VariableType.NUMBER, value=value)
    assert read_variable(variable) == MAX_WIRE_NUMBER + 1
    with pytest.raises(ValueError, match="whole numbers go from"):
        check_variable(variable)


def test_a_number_inside_a_json_variable_is_told_at_its_place() -> None:
    variable = Variable(name="v", type=VariableType.JSON, value='{"limits": [1, 9007199254740993]}')
    with pytest.raises(ValueError, match=r"^at limits/1 in it: whole numbers go from"):
        check_variable(variable)
