"""What translated nodes do, as Node-RED functions: the same as the built-in runtime's nodes do.

Each is a file of JavaScript beside this one: the body of a function that has ``msg``, ``node``, ``context``, ``flow``
and ``RED``, as Node-RED's ``function`` node gives them. Its settings are constants that are put before it.
"""

import functools
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

from pydantic import JsonValue

from edge_agent.flows.node_red.credentials import Credential
from edge_agent.flows.node_red.items import as_json
from edgeflow.contract.nodes.paths import PayloadPath

PATHS: Final = "paths"
"""The library by which scripts find and change what is at a place in a payload."""
TEXTS: Final = "texts"
"""The library by which scripts count characters."""
TEMPLATES: Final = "templates"
"""The library that compiled templates call; it uses PATHS and TEXTS."""


def script(name: str, *, libraries: Sequence[str] = (), **constants: JsonValue | Credential) -> str:
    """Return the body of the function ``{name}.js``, after these constants and the libraries that it uses."""
    head = "".join(f"const {constant} = {_value(value)};\n" for constant, value in constants.items())
    return head + "".join(_text(library) for library in libraries) + _text(name)


def place(path: PayloadPath) -> JsonValue:
    """Return a place as the library PATHS takes it, with the place and its steps as sentences quote them."""
    return {"text": repr(path.text), "steps": list(path.steps), "names": [repr(step) for step in path.steps]}


def literal(value: JsonValue) -> str:
    """Return a value as JavaScript has it in a script."""
    text = as_json(value)
    # As a key of a literal, this one sets what the object inherits from.
    return f"JSON.parse({as_json(text)})" if "__proto__" in text else text


def _value(value: JsonValue | Credential) -> str:
    if not isinstance(value, Credential):
        return literal(value)
    asked = f"env.get({as_json(value.name)})"
    return f"JSON.parse({asked})" if value.is_json else asked


@functools.cache
def _text(name: str) -> str:
    return files(__name__).joinpath(f"{name}.js").read_text(encoding="utf-8")
