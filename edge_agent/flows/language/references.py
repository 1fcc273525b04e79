"""Putting the values of variables and secrets in the place of references, so that none reaches beyond its place."""

import re
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

from edgeflow.contract.flow import Node
from edgeflow.contract.references import PLACES, Reference, TextKind, parse_references, split_url

_HOST: Final = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_HEADER: Final = re.compile(r"[\x20-\x7e]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class CannotFillIn(ValueError):
    """A value cannot stand where a text refers to it; the message is a clause that never shows a secret.

    Attributes:
        place: the setting, such as ``url`` or ``headers.X-Key``; empty where the caller knows it.
        is_missing: it is a secret that the device does not have, or a variable whose value does not read.
    """

    def __init__(self, message: str, place: str = "", *, is_missing: bool = False) -> None:
        super().__init__(message)
        self.place = place
        self.is_missing = is_missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What references stand for, by name: a flow's variables in their types, and secrets."""

    variables: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def fill_in(kind: TextKind, text: str, values: Values) -> str:
    """Return a text with values in place of its references. A text without any is returned as it is meant.

    Raises:
        CannotFillIn: a reference does not read, there is no such value, or it must not stand there.
    """
    if "${" not in text:
        return text
    try:
        parts = parse_references(text)
        has_references = any(isinstance(part, Reference) for part in parts)
        host, rest = split_url(parts) if kind is TextKind.URL and has_references else ((), parts)
    except ValueError as error:
        raise CannotFillIn(str(error)) from None
    match kind:
        case TextKind.URL if has_references:
            return _fill_host(host, values) + _fill(rest, values, _quoted)
        case TextKind.HEADER | TextKind.LOGIN:
            filled = _fill(parts, values, lambda value, _: value)
            allowed = _HEADER.fullmatch(filled) if kind is TextKind.HEADER else not _CONTROL.search(filled)
            if not allowed:
                what = "header" if kind is TextKind.HEADER else "user name or password"
                message = f"filled in, it has a line break or another character that no {what} takes"
                raise CannotFillIn(message)
            return filled
        case TextKind.URL | TextKind.TOPIC:
            return _fill(parts, values, lambda value, _: value)
        case _:
            assert_never(kind)


def filled_config(node: Node, values: Values) -> dict[str, Any]:
    """Return a node's settings as they are written, with values in place of references where these are read.

    Raises:
        CannotFillIn: it names the setting.
    """
    places = PLACES.get(node.type)
    if places is None:
        return node.config
    config = dict(node.config)
    for setting, kind in places.items():
        value = config.get(setting)
        if isinstance(value, str):
            config[setting] = _at(setting, kind, value, values)
        elif isinstance(value, dict) and kind is TextKind.HEADER:
            config[setting] = {
                name: _at(f"{setting}.{name}", kind, text, values) if isinstance(text, str) else text
                for name, text in value.items()
            }
    return config


def names_secret(value: object) -> bool:
    """Tell whether a setting, a text or an object of texts, refers to a secret. One that does not read does not."""
    if isinstance(value, dict):
        return any(map(names_secret, value.values()))
    if not isinstance(value, str):
        return False
    try:
        return any(isinstance(part, Reference) and part.is_secret for part in parse_references(value))
    except ValueError:
        return False


def _at(place: str, kind: TextKind, text: str, values: Values) -> str:
    try:
        return fill_in(kind, text, values)
    except CannotFillIn as error:
        raise CannotFillIn(str(error), place, is_missing=error.is_missing) from None


_Write = Callable[[str, Reference], str]
"""Takes a value and what refers to it; returns what is written. Raises CannotFillIn."""


def _fill(parts: tuple[str | Reference, ...], values: Values, write: _Write) -> str:
    return "".join(part if isinstance(part, str) else write(_text_of(part, values), part) for part in parts)


def _text_of(reference: Reference, values: Values) -> str:
    if reference.is_secret:
        if reference.name not in values.secrets:
            message = f"there is no secret {reference.name}"
            raise CannotFillIn(message, is_missing=True)
        return values.secrets[reference.name]
    if reference.name not in values.variables:
        message = f"variable {reference.name} has no value that can be read"
        raise CannotFillIn(message, is_missing=True)
    value = values.variables[reference.name]
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    message = f"variable {reference.name} has no text, number or boolean to put there"
    raise CannotFillIn(message)


def _fill_host(parts: tuple[str | Reference, ...], values: Values) -> str:
    filled = _fill(parts, values, _as_host)
    named = " and ".join(part.name for part in parts if isinstance(part, Reference))
    if named and _HOST.fullmatch(filled.partition("://")[2]) is None:
        message = f"with variable {named} filled in, it has no name or address of a host, with or without a port"
        raise CannotFillIn(message)
    return filled


def _as_host(value: str, reference: Reference) -> str:
    if reference.is_secret or _HOST.fullmatch(value) is None:
        message = f"{reference.name} is no name or address of a host, with or without a port"
        raise CannotFillIn(message)
    return value


def _quoted(value: str, _: Reference) -> str:
    return urllib.parse.quote(value, safe="", errors="replace")
