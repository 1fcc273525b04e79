"""The parts of docs/api.md that the document says: between marks, in the text that people write."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from api.problems import status_of
from edgeflow.contract.rest.problem import Code
from openapi.refusals import ADVICE
from openapi.schemas import small
from openapi.tables import Models, table

_WHITE: Final = re.compile(r"\n *")
_SUCCESSES: Final = ("2", "3")
_OF_EVERY_LIST: Final = {"limit", "cursor"}
_BODIES: Final = {
    "body of a flow": ("CreateFlow",),
    "body of a deployment": ("CreateAllAtOnce", "CreateRolling", "CreateCanary", "CreateBlueGreen"),
    "body of resume": ("ResumeDeployment",),
    "body of retry": ("RetryDeployment",),
    "body of a device": ("RegisterDevice",),
}
_SETTINGS: Final = {
    "all_at_once": "AllAtOnceSettings",
    "rolling": "RollingSettings",
    "canary": "CanarySettings",
    "blue_green": "BlueGreenSettings",
}
_ANSWERS: Final = {
    "a node type": "NodeType",
    "a deployment": "DeploymentView",
    "a target": "TargetView",
    "a registered device": "RegisteredDevice",
    "an announced device": "AnnouncedDevice",
    "a line": "LineRefused",
    "a device": "DeviceView",
    "a flow of a device": "RunningFlowView",
    "the summary": "FleetSummary",
    "an event": "DeploymentEvent",
    "a problem": "Problem",
}
_EXAMPLES: Final = {
    "example of a summary": "/v1/devices/summary",
    "example of a history": "/v1/deployments/{deployment_id}/events",
}
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
    parts |= _models(document)
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
    return table(("scope", "lets its holder"), [(f"`{scope}`", small(said)) for scope, said in scopes.items()])


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
    return table(("route", "does", "scope", "answers"), rows)


def _filters(operation: Mapping[str, Any]) -> str:
    told = [each for each in operation["parameters"] if each["in"] == "query" and each["name"] not in _OF_EVERY_LIST]
    rows = ((f"`{each['name']}`", _values(each["schema"]), small(each["description"])) for each in told)
    return table(("parameter", "values", "asks for"), rows)


def _models(document: Mapping[str, Any]) -> dict[str, str]:
    models = Models(document)
    in_lists = document["paths"][_LISTS["flows"]]["get"]["parameters"]
    return {
        **{name: models.body(*bodies) for name, bodies in _BODIES.items()},
        **{name: models.answer(answer) for name, answer in _ANSWERS.items()},
        **{name: _example(document["paths"][path]["get"]) for name, path in _EXAMPLES.items()},
        "headers of requests": _sent(document),
        "headers of answers": _headers(document["components"]["headers"]),
        "a flow": models.answer("FlowView", beside="CreateFlow"),
        "settings": models.settings(_SETTINGS),
        "lists": models.parameters(each for each in in_lists if each["name"] in _OF_EVERY_LIST),
        "waiting": models.parameters(
            each
            for each in document["paths"]["/v1/deployments/{deployment_id}"]["get"]["parameters"]
            if each["in"] == "query"
        ),
    }


def _sent(document: Mapping[str, Any]) -> str:
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    parameters = [
        each for operation in operations if "responses" in operation for each in operation.get("parameters", ())
    ]
    return _headers({each["name"]: each for each in parameters if each["in"] == "header"})


def _headers(told: Mapping[str, Mapping[str, Any]]) -> str:
    return table(("header", "what it is"), [(f"`{name}`", small(told[name]["description"])) for name in sorted(told)])


def _example(operation: Mapping[str, Any]) -> str:
    """Return the first example of what an operation answers."""
    examples = operation["responses"]["200"]["content"]["application/json"]["examples"]
    value = next(iter(examples.values()))["value"]
    return f"```json\n{_folded(json.dumps(value, ensure_ascii=False, indent=2))}\n```\n"


def _folded(text: str) -> str:
    """Return indented JSON with what holds nothing else in one line."""
    return re.sub(r"([{\[])\n *([^][{}]+?)\n *([]}])", lambda found: _WHITE.sub(" ", "".join(found.groups())), text)


def _values(schema: Mapping[str, Any]) -> str:
    return ", ".join(f"`{value}`" for value in schema.get("items", schema).get("enum", ()))


def _codes() -> str:
    ordered = sorted(Code, key=lambda code: (status_of(code), list(Code).index(code)))
    rows = [(f"`{code}`", str(int(status_of(code))), ADVICE[code]) for code in ordered]
    return table(("code", "status", "what to do"), rows)
