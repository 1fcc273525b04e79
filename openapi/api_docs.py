"""The parts of docs/api.md that the document says: between marks, in the text that people write."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from api.problems import status_of
from edgeflow.contract.rest.problem import Code
from openapi.refusals import ADVICE

_SUCCESSES: Final = ("2", "3")
_OF_EVERY_LIST: Final = {"limit", "cursor"}
_LISTS: Final = {
    "flows": "/v1/flows",
    "deployments": "/v1/deployments",
    "targets": "/v1/deployments/{deployment_id}/targets",
    "devices": "/v1/devices",
}


class MarksMissingError(Exception):
    """The text has no place for a part, or more than one."""


def with_parts(text: str, document: Mapping[str, Any]) -> str:
    """Return the text with each part as the document says it. Raises MarksMissingError."""
    parts = {"scopes": _scopes(document), "operations": _operations(document), "codes": _codes()}
    parts |= {name: _filters(document["paths"][path]["get"]) for name, path in _LISTS.items()}
    for name, part in parts.items():
        begin, end = f"<!-- {name}: written by `make openapi` -->\n", f"<!-- end of {name} -->\n"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        found = list(pattern.finditer(text))
        if len(found) != 1:
            message = f"docs/api.md needs the marks {begin.strip()} and {end.strip()} once"
            raise MarksMissingError(message)
        text = text[: found[0].start()] + begin + part + end + text[found[0].end() :]
    return text


def _scopes(document: Mapping[str, Any]) -> str:
    scopes = document["components"]["securitySchemes"]["operators"]["flows"]["clientCredentials"]["scopes"]
    return _table(("scope", "lets its holder"), [(f"`{scope}`", _small(said)) for scope, said in scopes.items()])


def _operations(document: Mapping[str, Any]) -> str:
    rows = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            needs = [f"`{scope}`" for scheme in operation["security"] for scope in scheme["operators"]]
            answers = [status for status in sorted(operation["responses"]) if status.startswith(_SUCCESSES)]
            row = (f"`{method.upper()} {path}`", operation["summary"], " ".join(needs) or "none", ", ".join(answers))
            rows.append(row)
    return _table(("route", "does", "scope", "answers"), rows)


def _filters(operation: Mapping[str, Any]) -> str:
    told = [each for each in operation["parameters"] if each["in"] == "query" and each["name"] not in _OF_EVERY_LIST]
    rows = ((f"`{each['name']}`", _values(each["schema"]), _small(each["description"])) for each in told)
    return _table(("parameter", "values", "asks for"), rows)


def _values(schema: Mapping[str, Any]) -> str:
    return ", ".join(f"`{value}`" for value in schema.get("items", schema).get("enum", ()))


def _codes() -> str:
    ordered = sorted(Code, key=lambda code: (status_of(code), list(Code).index(code)))
    rows = [(f"`{code}`", str(int(status_of(code))), ADVICE[code]) for code in ordered]
    return _table(("code", "status", "what to do"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "".join(f"{line}\n" for line in lines)


def _small(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
