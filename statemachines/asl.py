"""The Amazon States Language as it is written here: states by name, and the text of a definition."""

import json
from typing import Any, Final

State = dict[str, Any]
States = dict[str, State]
"""States by name, in the order in which a reader meets them."""
Definition = dict[str, Any]

LINE_LENGTH: Final = 120
INDENT: Final = "  "


def machine(comment: str, start_at: str, states: States) -> Definition:
    """Return a definition."""
    return {"Comment": comment, "StartAt": start_at, "States": states}


def choice(comment: str, ways: list[State], *, otherwise: str) -> State:
    """Return a state that goes the first way whose condition holds."""
    return {"Type": "Choice", "Comment": comment, "Choices": ways, "Default": otherwise}


def passes(comment: str, parameters: dict[str, Any], *, to: str | None = None, then: str) -> State:
    """Return a state that puts ``parameters`` at the path ``to``; None: in the place of its whole input."""
    path = {"ResultPath": to} if to is not None else {}
    return {"Type": "Pass", "Comment": comment, "Parameters": parameters, **path, "Next": then}


def succeeds(comment: str) -> State:
    """Return an end that is none of a failure."""
    return {"Type": "Succeed", "Comment": comment}


def fails(comment: str, error: str, **cause: str) -> State:
    """Return an end of this error; ``Cause`` or ``CausePath`` says more."""
    return {"Type": "Fail", "Comment": comment, "Error": error, **cause}


def text(definition: Definition) -> str:
    """Return what stands in a file: JSON, in which states have lines of their own and short parts share one."""
    return _lines(definition, indent="", room=LINE_LENGTH, spread=True) + "\n"


def _lines(part: object, *, indent: str, room: int, spread: bool) -> str:
    line = json.dumps(part, ensure_ascii=False)
    if not isinstance(part, dict | list) or (len(line) <= room and not spread):
        return line
    inner = indent + INDENT
    if isinstance(part, list):
        items = [_item("", item, inner, spread=_has_states(item)) for item in part]
        return "[\n" + ",\n".join(items) + f"\n{indent}]"
    items = [
        _item(f"{json.dumps(key)}: ", item, inner, spread=key == "States" or "Type" in _keys(item))
        for key, item in part.items()
    ]
    return "{\n" + ",\n".join(items) + f"\n{indent}}}"


def _item(name: str, part: object, indent: str, *, spread: bool) -> str:
    room = LINE_LENGTH - len(indent) - len(name) - len(",")
    return indent + name + _lines(part, indent=indent, room=room, spread=spread)


def _has_states(part: object) -> bool:
    return "States" in _keys(part)


def _keys(part: object) -> set[str]:
    return set(part) if isinstance(part, dict) else set()
