"""The document as one page that loads nothing: no script, no font, no address but its own."""

import base64
import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

_FOLDER: Final = Path(__file__).parent
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_BOUNDS: Final = {
    "minimum": "from {}",
    "maximum": "to {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "pattern": "matches {}",
}


def page(document: Mapping[str, Any]) -> str:
    """Return the page in HTML."""
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(kind=_kind, code=_code, pretty=_pretty)
    return environment.get_template("page.html.j2").render(
        document=document,
        operations=_by_tag(document),
        resolved=lambda response: _resolved(document, response),
        style=Markup(style),  # noqa: S704  a file of ours
        style_hash=base64.b64encode(sha256(style.encode()).digest()).decode(),
    )


def _by_tag(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the operations of each tag, each with its method, its path and all its parameters."""
    found: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method in (method for method in _METHODS if method in item):
            operation = item[method]
            parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
            found[operation["tags"][0]].append(
                {**operation, "method": method.upper(), "path": path, "parameters": parameters}
            )
    return found


def _resolved(document: Mapping[str, Any], response: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in response:
        return response
    found: Mapping[str, Any] = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return found


def _kind(schema: Mapping[str, Any]) -> Markup:  # noqa: PLR0911  one for each way that a schema is written
    """Return what a schema takes in a few words, with links to other schemas."""
    match schema:
        case {"$ref": str(reference)}:
            name = reference.rpartition("/")[2]
            return Markup('<a href="#schema-{0}">{0}</a>').format(name)
        case {"anyOf": list(choices)}:
            return Markup(" or ").join(_kind(choice) for choice in choices)
        case {"enum": list(values)}:
            return Markup(" or ").join(Markup("<code>{}</code>").format(json.dumps(value)) for value in values)
        case {"const": value}:
            return Markup("<code>{}</code>").format(json.dumps(value))
        case {"type": "array", "items": dict(items)}:
            return Markup("list of {}{}").format(_kind(items), _bounds(schema))
        case {"additionalProperties": dict(values)}:
            return Markup("object of {}").format(_kind(values))
        case {"type": str(name)}:
            return Markup("{}{}").format(name, _bounds(schema))
        case _:
            return Markup("any JSON")


def _bounds(schema: Mapping[str, Any]) -> str:
    told = [sentence.format(schema[key]) for key, sentence in _BOUNDS.items() if key in schema]
    return f", {', '.join(told)}" if told else ""


def _code(text: str) -> Markup:
    """Return a text with what is between backticks as code."""
    parts = str(escape(text)).split("`")
    marked = [f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)]
    return Markup("".join(marked))  # noqa: S704  escaped above


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
