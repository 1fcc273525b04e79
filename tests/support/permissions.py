"""Requests held to the role of the function that makes them, as template.yaml has it.

moto asks for no permission, and the local cloud does it for what its tests happen to call. Here each request that is
made while a function answers must be allowed by a statement of its role: the action, the index of the table, and which
keys a condition admits. Which bucket, thing or job is meant is left to the local cloud.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cache, wraps
from typing import Any, Final

from botocore.model import OperationModel
from cfnlint.decode import decode_str

from localcloud.settings import ROOT

_PREFIXES: Final = {"stepfunctions": "states"}
"""Of actions, where they are not the name of the service's client."""
_OTHERWISE: Final = {
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
}
"""Actions that are not named as the operation is."""
_OF_TRANSACTIONS: Final = {"ConditionCheck": "ConditionCheckItem", "Get": "GetItem"}
"""Actions of what a transaction is made of; the others are named alike."""
_LEADING: Final = "dynamodb:LeadingKeys"

_acting: list[str] = []
"""Logical ids of the functions that answer at the moment; requests are looked at when they are one."""


@contextmanager
def acting_as(function: str | None) -> Iterator[None]:
    """Let requests be those of a function; of nobody, where a test does something in between."""
    before = _acting[:]
    _acting[:] = [*before, function] if function else []
    try:
        yield
    finally:
        _acting[:] = before


def by_its_role(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function's handler, such as ``dispatch_wave.app.handler``, whose requests are those of its function."""
    package = handler.__module__.partition(".")[0]
    function = "".join(word.title() for word in package.split("_")) + "Function"

    @wraps(handler)
    def handled(*arguments: Any) -> Any:  # noqa: ANN401  an event, a context, and what comes of them
        with acting_as(function):
            return handler(*arguments)

    return handled


def refusals(operation: OperationModel, parameters: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each part of a request that the acting function's role does not allow."""
    if len(set(_acting)) != 1:
        return []
    function = _acting[0]
    service = operation.service_model.service_name
    return [
        f"{function} may not {action}{f' on index {index}' if index else ''}{f' of {key}' if key else ''}"
        for action, index, key in _asked(_PREFIXES.get(service, service), operation.name, parameters)
        if not any(_allows(statement, action, index, key) for statement in _statements(function))
    ]


def _asked(prefix: str, name: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the actions that a request asks for, each with the table's index and the leading key, where it has some."""
    for item in parameters.get("TransactItems", ()):
        ((kind, part),) = item.items()
        yield f"{prefix}:{_OF_TRANSACTIONS.get(kind, f'{kind}Item')}", "", _leading(part)
    if "TransactItems" not in parameters:
        action = f"{prefix}:{name}"
        yield _OTHERWISE.get(action, action), parameters.get("IndexName", ""), _leading(parameters)


def _leading(parameters: Mapping[str, Any]) -> str:
    key = parameters.get("Key", parameters.get("Item", {}))
    return str(key.get("pk", {}).get("S", "")) if isinstance(key, Mapping) else ""


def _allows(statement: Mapping[str, Any], action: str, index: str, key: str) -> bool:
    if not any(fnmatchcase(action, each) for each in _listed(statement["Action"])):
        return False
    if action.startswith("dynamodb:"):
        tables = [json.dumps(each) for each in _listed(statement["Resource"])]
        if not any(f"/index/{index}" in each if index else "/index/" not in each for each in tables):
            return False
    admitted = statement.get("Condition", {}).get("ForAllValues:StringEquals", {}).get(_LEADING)
    return admitted is None or key in _listed(admitted)


@cache
def _statements(function: str) -> list[Mapping[str, Any]]:
    """Return what a function's role allows."""
    body, _ = decode_str((ROOT / "template.yaml").read_text(encoding="utf-8"))
    assert body is not None
    policies = body["Resources"][function]["Properties"]["Policies"]
    return [each for policy in policies for each in policy["Statement"] if each["Effect"] == "Allow"]


def _listed(value: Any) -> list[Any]:  # noqa: ANN401  a template's value
    return value if isinstance(value, list) else [value]
