"""References in the texts of a flow: ``${name}`` stands for a variable of the flow, ``${secret:NAME}`` for a secret.

What a secret is each device knows; a definition only names it. ``$${`` stands for ``${`` itself. References are read in
the places of :data:`PLACES` and of ``http`` health checks alone; everywhere else ``${`` means nothing, and a secret
that is named there is a fault.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated, Any, Final

from pydantic import StringConstraints

from edgeflow.contract.echo import quoted
from edgeflow.contract.flow import Definition, Node, VariableType
from edgeflow.contract.health_checks import CommandCheck, HttpCheck
from edgeflow.contract.json_values import MAX_DEPTH, Location

NAME_PATTERN: Final = r"[A-Za-z][A-Za-z0-9_.-]{0,63}"
SecretName = Annotated[str, StringConstraints(pattern=f"^{NAME_PATTERN}$")]


class TextKind(Enum):
    """What a text is that may hold references; it decides what is done to what they stand for."""

    URL = auto()
    """In the host a variable is taken as it is, if it can be one; from the path on everything is quoted."""
    HEADER = auto()
    TOPIC = auto()
    LOGIN = auto()
    """A user name or a password."""


PLACES: Final[Mapping[str, Mapping[str, TextKind]]] = {
    "http_request": {
        "url": TextKind.URL,
        "headers": TextKind.HEADER,
        "username": TextKind.LOGIN,
        "password": TextKind.LOGIN,
    },
    "mqtt_in": {"topic": TextKind.TOPIC},
    "mqtt_out": {"topic": TextKind.TOPIC},
}
"""Settings that may hold references, by type of node; of ``headers``, which is an object, each value may."""
STRAY: Final = (
    "a secret cannot be named here: it can in url, headers, username and password of http_request, in topic of mqtt_in "
    "and mqtt_out, and in url of a health check of type http"
)

_REFERENCE: Final = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_NAME: Final = re.compile(rf"(?:secret:(?P<secret>{NAME_PATTERN})|(?P<variable>[A-Za-z_][A-Za-z0-9_]{{0,63}}))")
_NAMES_A_SECRET: Final = re.compile(r"(?<!\$)\$\{secret:")
_SCHEME: Final = re.compile(r"https?://")
_END_OF_HOST: Final = re.compile(r"[/?#\\]")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a text refers to: a variable of the flow or a secret of the device."""

    name: str
    is_secret: bool


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A text that may hold references, and where it is in the definition."""

    place: Location
    kind: TextKind
    text: str


def parse_references(text: str) -> tuple[str | Reference, ...]:
    """Return a text in parts, in order: what is written literally, without empty parts, and references.

    Raises:
        ValueError: something that begins like a reference is none.
    """
    parts: list[str | Reference] = []
    literal = ""
    end = 0
    for found in _REFERENCE.finditer(text):
        literal += text[end : found.start()]
        end = found.end()
        if found.group() == "$${":
            literal += "${"
            continue
        named = _NAME.fullmatch(found.group(1)) if found.group(2) else None
        if named is None:
            message = (
                f"{quoted(found.group())} is no reference; write ${{name}} for a variable, ${{secret:NAME}} for a "
                "secret, and $${ where ${ is meant itself"
            )
            raise ValueError(message)
        parts += [literal] if literal else []
        literal = ""
        secret = named.group("secret")
        parts.append(Reference(secret or named.group("variable"), secret is not None))
    literal += text[end:]
    return (*parts, literal) if literal else tuple(parts)


def split_url(parts: tuple[str | Reference, ...]) -> tuple[tuple[str | Reference, ...], tuple[str | Reference, ...]]:
    """Return what a URL has before its path, and the rest.

    Raises:
        ValueError: it does not begin with ``http://`` or ``https://`` as written.
    """
    first = parts[0] if parts else ""
    scheme = _SCHEME.match(first) if isinstance(first, str) else None
    if scheme is None:
        message = "a URL begins with http:// or https://, written as it is"
        raise ValueError(message)
    for index, part in enumerate(parts):
        found = _END_OF_HOST.search(part, scheme.end() if index == 0 else 0) if isinstance(part, str) else None
        if isinstance(part, str) and found is not None:
            before, after = part[: found.start()], part[found.start() :]
            return (*parts[:index], before) if before else parts[:index], (after, *parts[index + 1 :])
    return parts, ()


def placed_texts(definition: Definition) -> Iterator[PlacedText]:
    """Yield every text in which references are read."""
    for index, node in enumerate(definition.nodes):
        for place, kind, text in _texts_of(node):
            yield PlacedText(("nodes", index, "config", *place), kind, text)
    for index, check in enumerate(definition.health_checks):
        if isinstance(check, HttpCheck):
            yield PlacedText(("health_checks", index, "url"), TextKind.URL, check.url)


def secrets_named(definition: Definition) -> tuple[str, ...]:
    """Return the names of all secrets that a flow refers to, each once; texts that are faulty are left out."""
    names: dict[str, None] = {}
    for placed in placed_texts(definition):
        try:
            parts = parse_references(placed.text)
        except ValueError:
            continue
        names |= {part.name: None for part in parts if isinstance(part, Reference) and part.is_secret}
    return tuple(sorted(names))


def reference_faults(definition: Definition) -> Iterator[tuple[Location, str]]:
    """Yield what is wrong with a flow's references whatever device it is for: where, and a sentence."""
    types = {variable.name: variable.type for variable in definition.variables}
    for placed in placed_texts(definition):
        for fault in _text_faults(placed, types):
            yield placed.place, fault
    for place in _strays(definition):
        yield place, STRAY


def _texts_of(node: Node) -> Iterator[tuple[Location, TextKind, str]]:
    for setting, kind in PLACES.get(node.type, {}).items():
        value = node.config.get(setting)
        if isinstance(value, str):
            yield (setting,), kind, value
        elif isinstance(value, dict) and kind is TextKind.HEADER:
            yield from (((setting, name), kind, text) for name, text in value.items() if isinstance(text, str))


def _text_faults(placed: PlacedText, types: Mapping[str, VariableType]) -> Iterator[str]:
    try:
        parts = parse_references(placed.text)
        references = [part for part in parts if isinstance(part, Reference)]
        host = split_url(parts)[0] if references and placed.kind is TextKind.URL else ()
    except ValueError as error:
        yield str(error)
        return
    for reference in dict.fromkeys(references):
        if reference.is_secret:
            continue
        if reference.name not in types:
            yield f"there is no variable {quoted(reference.name)}; a secret is written as ${{secret:{reference.name}}}"
        elif types[reference.name] is VariableType.JSON:
            yield f"variable {quoted(reference.name)} is of type json, which has no one form as text"
    if any(isinstance(part, Reference) and part.is_secret for part in host):
        yield "a secret cannot be in the host of a URL or before it; user name and password have settings of their own"
    elif any(isinstance(part, str) and "@" in part for part in host):
        yield "with references, a URL has no user name and password; these have settings of their own"


def _roots(definition: Definition) -> Iterator[tuple[Location, Any]]:
    """Yield every value of a definition that an author writes freely, and where it is."""
    for index, node in enumerate(definition.nodes):
        yield ("nodes", index, "name"), node.name
        yield ("nodes", index, "config"), node.config
    for index, variable in enumerate(definition.variables):
        yield ("variables", index, "value"), variable.value
    for index, check in enumerate(definition.health_checks):
        if isinstance(check, CommandCheck):
            yield ("health_checks", index, "command"), list(check.command)


def _strays(definition: Definition) -> Iterator[Location]:
    """Yield where a secret is named that cannot be. What is nested deeper than ``MAX_DEPTH`` cannot be published."""
    read = {placed.place for placed in placed_texts(definition)}
    level = list(_roots(definition))
    for _ in range(MAX_DEPTH):
        below: list[tuple[Location, Any]] = []
        for place, value in level:
            if isinstance(value, str):
                if _NAMES_A_SECRET.search(value) and place not in read:
                    yield place
            elif isinstance(value, dict):
                below += [((*place, key), inner) for key, inner in value.items()]
                if any(isinstance(key, str) and _NAMES_A_SECRET.search(key) for key in value):
                    yield place
            elif isinstance(value, list):
                below += [((*place, index), inner) for index, inner in enumerate(value)]
        level = below
