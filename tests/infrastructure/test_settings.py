"""Each function's environment holds what its code reads, no more and no less.

Which settings a function reads is found in the source: from what it takes of the composition root, and what that
takes in turn, to the names given to ``setting()``.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.infrastructure.conftest import Template

ROOT_PACKAGE = "edgeflow.bootstrap"
# Read by powertools itself.
OF_POWERTOOLS = "POWERTOOLS_"

Builder = tuple[str, str]
"""A function of the composition root: its module, and its name."""


def taken_from(tree: ast.AST, inside: str | None = None) -> set[Builder]:
    """Return what is named of the composition root, in code that imports its modules or their functions.

    Code of the root itself is ``inside`` one of its modules, whose own functions go by their plain names.
    """
    modules: dict[str, str] = {}
    functions: dict[str, Builder] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        for alias in node.names:
            if node.module == ROOT_PACKAGE:
                modules[alias.asname or alias.name] = alias.name
            elif node.module.startswith(f"{ROOT_PACKAGE}."):
                functions[alias.asname or alias.name] = (node.module.removeprefix(f"{ROOT_PACKAGE}."), alias.name)
    return _named(tree, modules, functions, inside)


def _named(tree: ast.AST, modules: dict[str, str], functions: dict[str, Builder], inside: str | None) -> set[Builder]:
    found: set[Builder] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in modules:
                found.add((modules[module], name))
            case ast.Name(id=name) if name in functions:
                found.add(functions[name])
            case ast.Name(id=name) if inside is not None:
                found.add((inside, name))
            case _:
                pass
    return found


def settings_read(tree: ast.AST) -> set[str]:
    return {
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setting"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


@dataclass(frozen=True)
class Known:
    """Of one function of the composition root: the settings that it reads, and what it takes of the root."""

    settings: set[str]
    takes: set[Builder]


def builders(root: Path) -> dict[Builder, Known]:
    """Return the functions of the composition root."""
    known: dict[Builder, Known] = {}
    for path in (root / "layers/edgeflow/edgeflow/bootstrap").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                alone = ast.Module(body=[*imports, node], type_ignores=[])
                known[path.stem, node.name] = Known(settings_read(node), taken_from(alone, inside=path.stem))
    return known


def reached(builder: Builder, known: dict[Builder, Known], seen: set[Builder]) -> Iterator[Known]:
    if builder in seen or builder not in known:
        return
    seen.add(builder)
    yield known[builder]
    for taken in known[builder].takes:
        yield from reached(taken, known, seen)


def modules(folder: Path, entry: str) -> set[Path]:
    """Return the modules that an entry point such as ``api.apps.flows`` reaches in its own package."""
    package = entry.partition(".")[0]
    found: set[Path] = set()
    left = {entry}
    while left:
        path = folder / f"{left.pop().replace('.', '/')}.py"
        if path in found or not path.exists():
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == package:
                left |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def wanted_by(folder: Path, entry: str, known: dict[Builder, Known]) -> set[str]:
    wanted: set[str] = set()
    seen: set[Builder] = set()
    for path in modules(folder, entry):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        wanted |= settings_read(tree)
        for builder in taken_from(tree):
            for found in reached(builder, known, seen):
                wanted |= found.settings
    return wanted


@pytest.fixture(scope="module")
def known(root: Path) -> dict[Builder, Known]:
    return builders(root)


def test_environments_are_what_the_code_reads(template: Template, root: Path, known: dict[Builder, Known]) -> None:
    given = {}
    wanted = {}
    for function in template.resources("AWS::Serverless::Function").values():
        entry = function["Handler"].removesuffix(".handler")
        variables = function["Environment"]["Variables"]
        assert variables["POWERTOOLS_SERVICE_NAME"] == entry.partition(".")[0]
        given[entry] = {name for name in variables if not name.startswith(OF_POWERTOOLS)}
        wanted[entry] = wanted_by(root / "functions", entry, known)
    assert given == wanted


def test_every_function_package_is_deployed(template: Template, root: Path) -> None:
    deployed = {made["Handler"].partition(".")[0] for made in template.resources("AWS::Serverless::Function").values()}
    assert deployed == {path.parent.name for path in (root / "functions").glob("*/app.py")}
