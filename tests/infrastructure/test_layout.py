"""What a stranger has to find their way in: modules that can be read at one sitting, under folders of one subject."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

MOST_LINES = 400
LAYER = Path("layers/edgeflow/edgeflow")
SUBJECTS = {"deployments", "devices", "enrolment", "flows", "history", "reports", "rollout"}

BY_ITS_NAME = re.compile(
    r"""\b(?:setattr|setitem|patch|patch\.object)\(\s*[^()\n]*?["'](?:\w+\.)*_(?!_)[a-zA-Z]\w*["']"""
)
MOTO_IS_MENDED = "tests/statemachine/conftest.py"
"""moto's interpreter of state machines has no public way to be mended."""

WHOLE_BEHAVIOURS = {
    # of the agent
    "a_day": "jobs, power cuts and connections of a day",
    "bad_link": "what jobs and flows do to each other on a slow connection",
    "bounded_values": "no value of any node grows without end",
    "containment": "a node that hangs harms no other, whatever hosts it",
    "crash_matrix": "each step of each kind of job, cut",
    "evidence": "a node is unhealthy from its failure until its next success",
    "hostile": "whatever somebody sends to a device",
    "ill_flows": "what a flow can do to its process",
    "ill_servers": "whatever is wrong with a server or a program that a flow asks",
    "kill": "the outbox in a process that is killed",
    "packaging": "what is installed on a device",
    "program": "the agent's processes, however it ends",
    "what_runs": "jobs that succeed say what runs",
    "whole_flow": "several node types in one flow",
    # of the cloud
    "any_order": "reports and batches of the stream in any order",
    "asking_again": "every route that answers with an ETag",
    "damage": "every route, beside a record that is damaged",
    "damaged_records": "a rollout with a record that is damaged",
    "deaf_canary": "a canary whose record was written by a clock that was wrong",
    "fuzz": "every route, asked what nobody should ask",
    "late_success": "cancelling, in any order with what devices say",
    "numbers": "numbers in the bodies of every route",
    "product_page": "the product's own requests",
    "readme": "the first commands of README.md",
    "schemathesis": "every route, asked what the document allows and forbids",
    "redelivery": "every operation, killed at every moment and delivered again",
    "removal": "taking a flow off, by every strategy",
    "story": "a deployment's state, put together again from its history",
    "ways_out": "every state of a deployment and all that operators can do in it",
}
"""Tests that bear the name of a behaviour, not of a module, each with what they go through."""


OF_OTHER_FOLDERS: dict[str, dict[str, str]] = {
    "integration": {
        "ill_flows": "versions that harm the process that they run in",
        "schemathesis": "every route of a deployed API, asked what the document allows and forbids",
        "scopes": "every operation, with each kind of token",
    },
    "node_red": {
        "benchmark": "both of what is measured side by side",
        "admin_auth": "who may change what a real Node-RED runs",
        "faults": "whatever becomes of its process",
        "work_on_messages": "several node types in one flow",
    },
    "statemachine": {
        "deadlines": "every state that waits",
        "definitions": "every graph",
        "payloads": "what all machines send to functions",
    },
}
"""The same of the folders beside ``tests/unit``; in ``tests/e2e`` and ``tests/infrastructure`` all tests are such."""

TESTED_IN: dict[str, list[Path | str]] = {
    "contract": [LAYER / "contract", LAYER / "domain", LAYER / "cli", "functions/api"],
    "integration": [LAYER, "functions", "deployed", "localcloud", "edge_agent"],
    "node_red": ["edge_agent", "benchmarks"],
    "statemachine": ["statemachines"],
}
"""Where the modules are that the tests of a folder test."""

UNIT_FOLDERS = {
    "adapters",
    "api",  # of functions: several modules, which the client and the command line are tested with as well
    "benchmarks",
    "cli",
    "client",
    "domain",
    "edge_agent",
    "functions",
    "deployed",
    "localcloud",
    "operations",
    "smoke",
    "use_cases",
}

WITHOUT_RULES = {"ports": "what operations ask for", "set_aside": "a record, and what it asks for"}
"""Modules of operations that do nothing, so that there is nothing to test."""

LONG = {
    "console/src/styles/components.css": "rules of every component, which are looked up and not read",
    "console/src/styles/rollout.css": "the same of rollouts",
    "console/src/texts.ts": "all texts of the console, so that they can be translated in one place",
}
"""What may pass the bound."""


def _stems(root: Path, *folders: Path | str) -> set[str]:
    """Return the names of all modules, packages and state machines of some folders."""
    found = [path for folder in folders for path in (root / folder).rglob("*.py")]
    machines = [path for folder in folders for path in (root / folder).glob("*.asl.json")]
    return {path.parent.name if path.name == "__init__.py" else path.stem for path in found} | {
        path.name.removesuffix(".asl.json") for path in machines
    }


def _names(folder: Path) -> set[str]:
    """Return what the test files of a folder, and of those in it, are called."""
    return {path.stem.removeprefix("test_") for path in folder.rglob("test_*.py")}


def _bears(name: str, stems: Iterable[str]) -> bool:
    return any(f"{name}_".startswith(f"{stem}_") for stem in stems)


def test_unit_tests_bear_the_stem_of_what_they_test(root: Path) -> None:
    """Such as ``test_engine.py``, or ``test_engine_faults.py`` where one module takes several files."""
    agent = _stems(root, "edge_agent")
    around = ("benchmarks", "deployed", "localcloud", "operations", "smoke")
    cloud = _stems(root, LAYER, "functions", "statemachines", *around)
    nameless = set()
    for path in (root / "tests/unit").rglob("test_*.py"):
        name = path.stem.removeprefix("test_")
        if not _bears(name, agent if "edge_agent" in path.parts else cloud):
            nameless.add(name)
    assert nameless == set(WHOLE_BEHAVIOURS)


@pytest.mark.parametrize("folder", TESTED_IN)
def test_other_tests_bear_the_stem_of_what_they_test(root: Path, folder: str) -> None:
    stems = _stems(root, *TESTED_IN[folder])
    nameless = {name for name in _names(root / "tests" / folder) if not _bears(name, stems)}
    assert nameless == set(OF_OTHER_FOLDERS.get(folder, {}))


def test_unit_tests_lie_as_what_they_test_does(root: Path) -> None:
    assert {path.name for path in (root / "tests/unit").iterdir() if path.is_dir()} - {"__pycache__"} == UNIT_FOLDERS
    functions = {path.parent.name for path in (root / "functions").glob("*/app.py")}
    assert len(functions) > 10
    tested = _names(root / "tests/unit/functions")
    assert [name for name in tested if not _bears(name, functions)] == []
    assert functions - {"api"} - {each for each in functions if any(_bears(name, [each]) for name in tested)} == set()


@pytest.mark.parametrize("layer", ["use_cases", "adapters"])
def test_every_operation_and_every_adapter_has_a_test_file_of_its_own(root: Path, layer: str) -> None:
    modules = list((root / LAYER / layer).rglob("[!_]*.py"))
    assert len(modules) > 40
    untested = set()
    for module in modules:
        folder = root / "tests/unit" / layer / module.parent.relative_to(root / LAYER / layer)
        own = {path.stem.removeprefix("test_") for path in folder.glob("test_*.py")}
        if module.stem not in WITHOUT_RULES and not any(_bears(name, [module.stem]) for name in own):
            untested.add(str(module.relative_to(root)))
    assert untested == set()


def test_every_module_of_rules_has_a_test_file_of_its_own(root: Path) -> None:
    rules = {path.stem for path in (root / LAYER / "domain").glob("[!_]*.py")}
    assert len(rules) > 20
    assert rules == {path.stem.removeprefix("test_") for path in (root / "tests/unit/domain").glob("test_*.py")}


def test_no_file_is_too_long(root: Path) -> None:
    around = ("benchmarks", "deployed", "localcloud", "operations", "smoke")
    folders = ("tests", "edge_agent", "functions", "layers", "statemachines", "console/src", *around)
    files = [
        path
        for folder in folders
        for path in (root / folder).rglob("*")
        if path.suffix in {".py", ".ts", ".tsx", ".css"} and "node_modules" not in path.parts
    ]
    lengths = {str(path.relative_to(root)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert len(lengths) > 1_000
    assert {name for name, lines in lengths.items() if lines > MOST_LINES} == set(LONG)


def test_operations_adapters_and_their_tests_have_the_same_subjects(root: Path) -> None:
    for folder in ("use_cases", "adapters"):
        found = {each.parent.name for each in (root / LAYER / folder).glob("*/__init__.py")}
        assert found == SUBJECTS, folder
        tested = {each.parent.name for each in (root / "tests/unit" / folder).glob("*/test_*.py")}
        assert tested == SUBJECTS, folder


def test_each_subject_of_operations_has_its_ports(root: Path) -> None:
    assert {each.parent.name for each in (root / LAYER / "use_cases").rglob("ports*.py")} == SUBJECTS


def test_no_test_replaces_a_private_part_by_its_name(root: Path) -> None:
    """Ruff's SLF001 sees a private part that is written as one, not one in a text."""
    found = {
        f"{path.relative_to(root)}: {match[0]}"
        for path in (root / "tests").rglob("*.py")
        for match in BY_ITS_NAME.finditer(path.read_text(encoding="utf-8"))
    }
    assert {each for each in found if not each.startswith(MOTO_IS_MENDED)} == set()
