"""When two JSON values are the same."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.flows.language.values import MAX_PLAIN_FINGERPRINT, fingerprint


@pytest.mark.parametrize(
    ("left", "right"), [(1, 1.0), ({"a": 1, "b": [2.0]}, {"b": [2], "a": 1}), (0.0, -0.0), (1e300, int(1e300))]
)
def test_the_same_values_have_one_fingerprint(left: Any, right: Any) -> None:  # noqa: ANN401  any JSON
    assert fingerprint(left) == fingerprint(right)


@pytest.mark.parametrize(("left", "right"), [(1, True), (0, False), (1, "1"), (None, "null"), ([1], [True]), ([], {})])
def test_other_values_have_another(left: Any, right: Any) -> None:  # noqa: ANN401  any JSON
    assert fingerprint(left) != fingerprint(right)


@given(st.text(max_size=500))
def test_a_fingerprint_is_short(text: str) -> None:
    assert len(fingerprint(text)) <= MAX_PLAIN_FINGERPRINT


def test_a_number_that_is_not_finite_has_none() -> None:
    with pytest.raises(ValueError):
        fingerprint(float("nan"))
