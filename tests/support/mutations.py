"""Documents with one thing wrong."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

WRONG: tuple[Any, ...] = (None, True, -1, 10**9, 0.5, "", " @ ", "x" * 5_000, [], [[]], {}, {"surplus": 1}, "1_0", "5m")


def mutations(document: Any) -> Iterator[Any]:  # noqa: ANN401  JSON can be anything
    """Yield a document with one thing changed, for each place in it: another value, a key too much, one too few."""
    for place in _places(document):
        *way, last = place
        for wrong in WRONG:
            changed = deepcopy(document)
            _at(changed, way)[last] = wrong
            yield changed
        changed = deepcopy(document)
        del _at(changed, way)[last]
        yield changed
    yield {**document, "surplus": 1}


def _places(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401  JSON can be anything
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        yield (*way, key)
        if isinstance(value, dict | list):
            yield from _places(value, (*way, key))


def _at(document: Any, way: list[Any]) -> Any:  # noqa: ANN401  JSON can be anything
    for key in way:
        document = document[key]
    return document
