"""Requests held to what AWS's own models, which botocore ships, say of them.

botocore looks at types, at required members and at the least length. The models also have patterns, greatest lengths
and lists of values: AWS refuses what breaks them, and moto mostly lets it pass. They are looked at here, for each
request that a client is about to send.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, Final

import pytest
import regex
from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidationDecorator

from tests.support.permissions import refusals

Check = Callable[[Any, str], Iterator[str]]
"""From a value and the path to it: a sentence for each fault."""

_IN_JAVA: Final = {
    r"\p{ASCII}": r"[\x00-\x7f]",
    r"\p{Cntrl}": r"[\x00-\x1f\x7f]",
    r"\p{Digit}": "[0-9]",
    r"\p{Graph}": r"[\x21-\x7e]",
    r"\p{Print}": r"[\x20-\x7e]",
    r"\p{Upper}": "[A-Z]",
    r"\d": "[0-9]",
    r"\w": "[a-zA-Z0-9_]",
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
}
"""The patterns are Java's: these of its classes know ASCII alone, and characters beyond 16 bits are two there."""


@cache
def compiled(pattern: str) -> regex.Pattern[str]:
    """Compile a pattern of a model, which a whole value has to match."""
    for java, ours in _IN_JAVA.items():
        pattern = pattern.replace(java, ours)
    return regex.compile(pattern, regex.VERSION1)


class Models:
    """What the models say, prepared once for each shape of each service, by names."""

    def __init__(self) -> None:
        """Begin with no shape."""
        self._known: dict[tuple[str, str], Check] = {}

    def faults(self, operation: OperationModel, parameters: dict[str, Any]) -> list[str]:
        """Return a sentence for each fault of a request, with its parameter's path."""
        shape = operation.input_shape
        if shape is None:
            return []
        service = operation.service_model.service_name
        return list(self._check(service, shape)(parameters, f"{service}.{operation.name}: "))

    def _check(self, service: str, shape: Shape) -> Check:
        """Return what looks at a shape's values. What refers to one may limit it further, unless it is a structure."""
        if not isinstance(shape, StructureShape):
            return partial(self._value, *self._parts(service, shape))
        key = service, shape.name
        if key not in self._known:
            members: dict[str, Check] = {}
            self._known[key] = partial(self._structure, members)  # known before its members: it may be one of them
            members.update({name: self._check(service, member) for name, member in shape.members.items()})
        return self._known[key]

    def _parts(self, service: str, shape: Shape) -> tuple[Shape, Check | None, Check | None]:
        if isinstance(shape, ListShape):
            return shape, None, self._check(service, shape.member)
        if isinstance(shape, MapShape):
            return shape, self._check(service, shape.key), self._check(service, shape.value)
        return shape, None, None

    @staticmethod
    def _structure(members: dict[str, Check], value: dict[str, Any], path: str) -> Iterator[str]:
        for name, each in value.items():
            yield from members[name](each, f"{path}.{name}" if path[-1] != " " else path + name)

    @staticmethod
    def _value(shape: Shape, key: Check | None, member: Check | None, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401
        yield from _of_one(shape, value, path)
        if key is not None and member is not None:
            for name, each in value.items():
                yield from key(name, f"{path} (key {name})")
                yield from member(each, f"{path}.{name}")
        elif member is not None:
            for place, each in enumerate(value):
                yield from member(each, f"{path}[{place}]")


def _of_one(shape: Shape, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401  whatever a request holds
    """Yield the faults of a value alone, without those of what is in it."""
    limits = shape.metadata
    if ("min" in limits or "max" in limits) and (hasattr(value, "__len__") or isinstance(value, int | float)):
        size = len(value) if hasattr(value, "__len__") else value
        if not limits.get("min", size) <= size <= limits.get("max", size):
            yield f"{path} has {size}, of {limits.get('min', '')} to {limits.get('max', '')}"
    if isinstance(shape, StringShape):
        if "pattern" in limits and not compiled(limits["pattern"]).fullmatch(value):
            yield f"{path} is {value!r}, which does not match {limits['pattern']}"
        if shape.enum and value not in shape.enum:
            yield f"{path} is {value!r}, none of {', '.join(shape.enum)}"


@contextmanager
def held_to_models() -> Iterator[list[str]]:
    """Look at each request that any client of this process is about to send; the list has what is wrong so far."""
    models = Models()
    found: list[str] = []
    send = ParamValidationDecorator.serialize_to_request

    def look(self: ParamValidationDecorator, parameters: dict[str, Any], operation: OperationModel) -> Any:  # noqa: ANN401
        request = send(self, parameters, operation)  # raises for what botocore finds itself
        found.extend(models.faults(operation, parameters))
        found.extend(refusals(operation, parameters))
        return request

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ParamValidationDecorator, "serialize_to_request", look)
        yield found
