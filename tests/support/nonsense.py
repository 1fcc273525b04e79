"""What nobody meant to write: JSON values and DynamoDB attributes of every type and size, and what they damage."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from hypothesis import strategies as st

TEXTS: Final = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "quarantined", "dep_1", "1e999", "\ud800", "\x00", "٣", "x" * 3_000, "2026-02-21T12:00:00Z"]),
)
NUMBERS: Final = st.one_of(
    st.integers(-(10**45), 10**45), st.floats(), st.sampled_from([0, -1, 2**53, 10**30, 10**42, 253_402_300_800_000])
)
JSON_VALUES: Final = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
BODIES: Final = st.one_of(
    TEXTS,
    JSON_VALUES.map(json.dumps),
    st.sampled_from(["[" * 5_000, "[" * 5_000 + "]" * 5_000, '{"kind": "health"', '{"kind": ' + "9" * 5_000 + "}"]),
)
"""Bodies of messages; what ``json.dumps`` writes of NaN and infinity is not even JSON."""

ATTRIBUTES: Final[st.SearchStrategy[dict[str, Any]]] = st.one_of(
    TEXTS.map(lambda text: {"S": text}),
    st.one_of(st.integers(-(10**37), 10**37).map(str), st.sampled_from(["1E+125", "-0.5", "1E-130"])).map(
        lambda number: {"N": number}
    ),
    st.sampled_from(
        [
            {"NULL": True},
            {"BOOL": False},
            {"L": []},
            {"L": [{"S": "x"}]},
            {"M": {}},
            {"M": {"S": {"S": "x"}}},
            {"SS": ["x"]},
            {"B": b"x"},
            {"LATER": "a type that is still to come"},
        ]
    ),
)
"""Attribute values as DynamoDB writes them, within its own bounds."""


@st.composite
def damaged(
    draw: st.DrawFn,
    document: Mapping[str, Any],
    values: st.SearchStrategy[Any] = JSON_VALUES,
    *,
    keep: Collection[str] = (),
) -> dict[str, Any]:
    """Draw a copy of a document of which one to three entries, but none of ``keep``, are gone or something else."""
    copy = dict(document)
    for name in draw(st.lists(st.sampled_from(sorted(set(document) - set(keep))), min_size=1, max_size=3, unique=True)):
        if draw(st.booleans()):
            copy[name] = draw(values)
        else:
            del copy[name]
    return copy
