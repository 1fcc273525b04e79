"""Damage to what is stored: what a crash, a hand, or a release of another time could have left in an item."""

import copy
import json
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import strategies as st

KEYS: Final = frozenset({"pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "lsi1sk"})
"""What DynamoDB itself holds to their type."""

Wire = dict[str, Any]
"""An item, or an attribute, in DynamoDB's own form."""

_DEEP: Final = "[" * 300 + "]" * 300
_TEXTS: Final = (
    "",
    " ",
    "quarantined",
    "{",
    "{}",
    "[]",
    "null",
    "1e999",
    "Infinity",
    '{"nodes": 5}',
    '{"nodes": [{"id": "n1", "type": "debug", "x": null, "config": {"a": 1e999}}]}',
    '{"nodes": [{"id": "n1", "type": "debug", "x": 1e999, "y": -1e999}]}',
    '{"nodes": [{"id": "n1", "type": "debug", "config": {"text": "\\ud800"}}]}',
    f'{{"variables": [{{"name": "v", "type": "number", "value": {"9" * 310}}}]}}',
    f'{{"variables": [{{"name": "v", "type": "json", "value": {_DEEP}}}]}}',
    '{"sent_at": "2026-02-21T12:00:00Z", "sequence": 1, "agent_version": "1", "vitals": {"load": 1e999}}',
    '{"sent_at": "0001-01-01T00:00:00+23:59", "sequence": 1, "agent_version": "1"}',
    "x" * 20_000,
    "0001-01-01T00:00:00+23:59",
    "\x00",
)
_NUMBERS: Final = ("-1", "0", "1.5", "9007199254740993", "9" * 38, "1E+125", "-9.9E+125", "1E-130")
_NESTED: Final[Wire] = {"M": {"a": {"L": [{"M": {"b": {"NULL": True}}}, {"N": "1.5"}, {"SS": ["c"]}]}}}

values: Final[st.SearchStrategy[Wire]] = st.one_of(
    st.sampled_from(_TEXTS).map(lambda text: {"S": text}),
    st.sampled_from(_NUMBERS).map(lambda number: {"N": number}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.sampled_from(
        [{"NULL": True}, {"L": []}, {"M": {}}, {"SS": ["x"]}, {"NS": ["1"]}, {"B": b"\xff"}, _NESTED],
    ),
)
"""Any attribute in place of the right one."""


def places(item: Wire) -> Iterator[tuple[str, ...]]:
    """Yield where an item can be damaged: each attribute, and each entry of its maps."""
    for name, value in item.items():
        if name not in KEYS:
            yield (name,)
            yield from ((name, inner) for inner in value.get("M", {}))


def damaged(item: Wire, place: tuple[str, ...], value: Wire | None) -> Wire:
    """Return the item with another value at a place, or with none there."""
    broken = copy.deepcopy(item)
    around = broken
    for part in place[:-1]:
        around = around[part]["M"]
    if value is None:
        del around[place[-1]]
    else:
        around[place[-1]] = value
    return broken


_BODIES: Final = (
    b"",
    b"{",
    b"null",
    b"[1, null]",
    b'["\\ud800"]',
    b'[""]',
    b'["a b", "dev/../1"]',
    b'{"devices": [], "groups": 3}',
    b'{"definition": {"nodes": [{"id": "n1", "type": "debug", "x": Infinity}]}}',
    b"\xff\xfe",
    b"[" * 100_000,
)

bodies: Final[st.SearchStrategy[bytes]] = st.sampled_from(_BODIES)
"""Any bytes in place of an object of the bucket."""


def read_strictly(text: str) -> Any:  # noqa: ANN401  JSON can be anything
    """Return what a text says as JSON proper, in which there is no ``Infinity``. Raises ValueError."""

    def refuse(name: str) -> None:
        message = f"{name} is not JSON"
        raise ValueError(message)

    return json.loads(text, parse_constant=refuse)
