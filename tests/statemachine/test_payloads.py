"""The machines and the functions they invoke agree: what is sent is what the handlers read, seen in their source."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

PACKAGES: Final = {
    "${PlanRolloutFunctionArn}": "plan_rollout",
    "${PlanRollbackFunctionArn}": "plan_rollback",
    "${ConcludeRolloutFunctionArn}": "conclude_rollout",
    "${ConcludeRollbackFunctionArn}": "conclude_rollback",
}


@dataclass(frozen=True)
class Reads:
    """The keys of its event that a handler reads."""

    needed: frozenset[str]
    optional: frozenset[str]
    """Those it looks for before it reads them, or has a default for."""


def is_event(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "event"


def read_by(handler: Path) -> Reads:
    taken: set[str] = set()
    optional: set[str] = set()
    for node in ast.walk(ast.parse(handler.read_text(encoding="utf-8"))):
        match node:
            case ast.Subscript(value=event, slice=ast.Constant(value=str(key))) if is_event(event):
                taken.add(key)
            case ast.Call(func=ast.Attribute(value=event, attr="get"), args=[ast.Constant(value=str(key)), *_]) if (
                is_event(event)
            ):
                optional.add(key)
            case ast.Compare(left=ast.Constant(value=str(key)), ops=[ast.In()], comparators=[event]) if is_event(event):
                optional.add(key)
            case _:
                pass
    return Reads(frozenset(taken - optional), frozenset(optional))


def invocations(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("*.asl.json")):
        for name, state in json.loads(path.read_text(encoding="utf-8"))["States"].items():
            if state.get("Resource") == "arn:aws:states:::lambda:invoke":
                yield f"{path.name}: {name}", state["Parameters"]


@pytest.fixture(scope="module")
def reads(root: Path) -> dict[str, Reads]:
    return {package: read_by(root / "functions" / package / "app.py") for package in PACKAGES.values()}


def test_every_payload_carries_what_its_handler_reads_and_nothing_else(root: Path, reads: dict[str, Reads]) -> None:
    invoked = set()
    for place, parameters in invocations(root / "statemachines"):
        package = PACKAGES[parameters["FunctionName"]]
        sent = {key.removesuffix(".$") for key in parameters["Payload"]}
        assert reads[package].needed <= sent, place
        assert sent <= reads[package].needed | reads[package].optional, place
        invoked.add(package)
    assert invoked == set(PACKAGES.values())


def test_what_the_handlers_read_is_found(reads: dict[str, Reads]) -> None:
    assert reads["plan_rollout"] == Reads(frozenset({"deployment_id"}), frozenset())
    assert reads["conclude_rollback"] == Reads(
        needed=frozenset({"attempt", "deployment_id", "outcome"}), optional=frozenset({"cause"})
    )
