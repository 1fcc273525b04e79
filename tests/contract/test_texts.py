"""Names: something of each can be seen."""

import sys
from typing import Final

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edgeflow.contract.rest.definition import NodeBody
from edgeflow.contract.rest.flows import CreateFlow

_BLANK: Final = "\u115f\u1160\u2800\u3164\uffa0"
_ADDS_NOTHING: Final = st.characters(categories=["C", "M", "Z"]) | st.sampled_from(_BLANK)
"""Marks change the character before them, and are nothing without one."""
_ADDS_NO_ACT: Final = st.characters(categories=["M", "Zs"]) | st.sampled_from(_BLANK)
_IS_SEEN: Final = st.characters(categories=["L", "N", "P", "S"], exclude_characters=_BLANK)


def is_taken(name: str) -> bool:
    """Tell whether it is taken as a name of a flow, a tag and a name of a node; it is of all of them or of none."""
    taken = set()
    for read in (
        lambda: CreateFlow.model_validate({"name": name}),
        lambda: CreateFlow.model_validate({"name": "A", "tags": [name]}),
        lambda: NodeBody.model_validate({"id": "n", "type": "t", "name": name}),
    ):
        try:
            read()
        except ValidationError:
            taken.add(False)
        else:
            taken.add(True)
    assert len(taken) == 1
    return taken.pop()


@given(name=st.text(_ADDS_NOTHING, min_size=1, max_size=20))
def test_a_name_of_which_nothing_is_seen_is_refused(name: str) -> None:
    assert not is_taken(name)


@given(before=st.text(_ADDS_NO_ACT, max_size=5), seen=_IS_SEEN, after=st.text(_ADDS_NO_ACT, max_size=5))
def test_one_character_that_is_seen_is_enough(before: str, seen: str, after: str) -> None:
    assert is_taken(before + seen + after)


def test_what_a_screen_leaves_out_is_no_name() -> None:
    ignorable = regex.compile(r"\p{Default_Ignorable_Code_Point}")
    assert [hex(code) for code in range(sys.maxunicode + 1) if ignorable.match(chr(code)) and is_taken(chr(code))] == []


@pytest.mark.parametrize("name", ["e\u0301", "\u270c\ufe0f", "\u0e01\u0e33", "\u17a0\u17b6", "\u0928\u093f"])
def test_marks_beside_what_is_seen_are_taken(name: str) -> None:
    assert is_taken(name)
