"""Each function's environment holds what its code reads, no more and no less.

Which settings a function reads is found in the source: from what it takes of the composition roots, and what those
call in turn, to the names given to ``setting()``.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infrastructure.conftest import Template

ROOTS = ("bootstrap", "bootstrap_api")
# Read by powertools itself.
OF_POWERTOOLS = "POWERTOOLS_"


def names_used(tree: ast.AST) -> set[str]:
    """Return each plain name, and each attribute taken of a composition root."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return used | {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ROOTS
    }


def settings_read(tree: ast.AST) -> set[str]:
    return {
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setting"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def builders(root: Path) -> dict[str, ast.FunctionDef]:
    """Return the functions of the composition roots, by name."""
    package = root / "layers/edgeflow/edgeflow"
    trees = [ast.parse((package / f"{name}.py").read_text(encoding="utf-8")) for name in ROOTS]
    return {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


def reached(name: str, known: dict[str, ast.FunctionDef], seen: set[str]) -> Iterator[ast.FunctionDef]:
    if name in seen or name not in known:
        return
    seen.add(name)
    yield known[name]
    for used in names_used(known[name]):
        yield from reached(used, known, seen)


def wanted_by(package: Path, known: dict[str, ast.FunctionDef]) -> set[str]:
    wanted: set[str] = set()
    seen: set[str] = set()
    for path in package.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        # An operation and the route that serves it may have one name; only what comes of a root counts.
        taken = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ROOTS
        }
        taken |= {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module in {f"edgeflow.{name}" for name in ROOTS}
            for alias in node.names
        }
        wanted |= settings_read(tree)
        for name in taken:
            for builder in reached(name, known, seen):
                wanted |= settings_read(builder)
    return wanted


@pytest.fixture(scope="module")
def known(root: Path) -> dict[str, ast.FunctionDef]:
    return builders(root)


def test_environments_are_what_the_code_reads(
    template: Template, root: Path, known: dict[str, ast.FunctionDef]
) -> None:
    given = {}
    wanted = {}
    for function in template.resources("AWS::Serverless::Function").values():
        package = function["Handler"].partition(".")[0]
        variables = function["Environment"]["Variables"]
        assert variables["POWERTOOLS_SERVICE_NAME"] == package
        given[package] = {name for name in variables if not name.startswith(OF_POWERTOOLS)}
        wanted[package] = wanted_by(root / "functions" / package, known)
    assert given == wanted


def test_every_function_package_is_deployed(template: Template, root: Path) -> None:
    deployed = {made["Handler"].partition(".")[0] for made in template.resources("AWS::Serverless::Function").values()}
    assert deployed == {path.parent.name for path in (root / "functions").glob("*/app.py")}
