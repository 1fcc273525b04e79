"""What a flow may know of a device's secrets, and keeping their values out of whatever is said of it."""

import base64
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edgeflow.contract.flow import Definition
from edgeflow.contract.references import secrets_named

MASK: Final = "•••"
"""Stands where a secret's value would. No secret has this character, so what is masked cannot show one."""
_BITS: Final = 6
"""Of a character in base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The secrets of a device as they are now.

    Attributes:
        values: by name.
        marks: by name, something that changes with the value and tells nothing of it.
        trouble: why there may be more that cannot be read, as a sentence; empty when there is no such reason.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    marks: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""

    def missing_for(self, definition: Definition) -> tuple[str, ...]:
        """Return a sentence for each secret that a flow names and the device does not have."""
        return tuple(map(self._missing, (name for name in secrets_named(definition) if name not in self.values)))

    def named_by(self, definition: Definition) -> dict[str, str]:
        """Return the values of those that a flow names; it gets no others."""
        return {name: self.values[name] for name in secrets_named(definition) if name in self.values}

    def for_flow(self, definition: Definition) -> "Secrets":
        """Return these as far as a flow names them."""
        return Secrets(values=self.named_by(definition), trouble=self.trouble)

    def _missing(self, name: str) -> str:
        if self.trouble:
            return f"secret {name} is not to be had: {self.trouble}"
        return f"secret {name} is not set on this device; set it there with: edgeflow-agent secret set {name}"


NO_SECRETS: Final = Secrets()


class Redactor:
    """Puts :data:`MASK` where a text has a secret's value, also in the forms that the agent or a library makes of it.

    These are: percent-encoded, as JSON or Python writes it, and as a part of base64, wherever it begins there.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        """Know these values, of which none may be empty."""
        forms = {form for value in values for form in _forms(value)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __call__(self, text: str) -> str:
        """Return a text in which no value is left."""
        return text if self._pattern is None else self._pattern.sub(MASK, text)

    def tree(self, value: Any) -> Any:  # noqa: ANN401  JSON
        """Return a JSON value in which no text, name or number is left that shows a value."""
        if self._pattern is None:
            return value
        if isinstance(value, dict):
            return {self(name): self.tree(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.tree(item) for item in value]
        if isinstance(value, str):
            return self(value)
        return MASK if self._pattern.search(json.dumps(value)) else value


def _forms(value: str) -> Iterator[str]:
    yield value
    for safe in ("", "/", "!'()*"):  # the last as JavaScript quotes
        quoted = urllib.parse.quote(value, safe=safe)
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda code: code.group().lower(), quoted)
    yield urllib.parse.quote_plus(value)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    yield repr("\"'" + value)[4:-1]  # as in a text that has quotes of both kinds
    yield repr(value.encode())[2:-1]
    yield from _within_base64(value.encode())


def _within_base64(value: bytes) -> Iterator[str]:
    """Yield the characters that these bytes alone decide, by where they begin in what is encoded."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + value).decode()
        first = -(-before * 8 // _BITS)
        last = (before + len(value)) * 8 // _BITS
        if first < last:
            yield encoded[first:last]
            yield encoded[first:last].replace("+", "-").replace("/", "_")
