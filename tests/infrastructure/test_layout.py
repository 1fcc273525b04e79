"""What a stranger has to find their way in: modules that can be read at one sitting, under folders of one subject."""

import re
from pathlib import Path

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
    "blue_green": "a strategy from its plan to its way back",
    "damage": "every route, beside a record that is damaged",
    "damaged_records": "a rollout with a record that is damaged",
    "deaf_canary": "a canary whose record was written by a clock that was wrong",
    "fuzz": "every route, asked what nobody should ask",
    "late_success": "cancelling, in any order with what devices say",
    "numbers": "numbers in the bodies of every route",
    "pauses_and_watches": "what happens between the waves",
    "product_page": "the product's own requests",
    "readme": "the first commands of README.md",
    "schemathesis": "every route, asked what the document allows and forbids",
    "redelivery": "every operation, killed at every moment and delivered again",
    "removal": "taking a flow off, by every strategy",
    "story": "a deployment's state, put together again from its history",
    "ways_out": "every state of a deployment and all that operators can do in it",
    "went_back": "a device that succeeded and then went back by itself",
}
"""Tests that bear the name of a behaviour, not of a module, each with what they go through."""


def _stems(root: Path, *folders: Path | str) -> set[str]:
    """Return the names of all modules and packages of some folders."""
    found = [path for folder in folders for path in (root / folder).rglob("*.py")]
    return {path.parent.name if path.name == "__init__.py" else path.stem for path in found}


def test_unit_tests_bear_the_stem_of_what_they_test(root: Path) -> None:
    """Such as ``test_engine.py``, or ``test_engine_faults.py`` where one module takes several files."""
    agent, cloud = (
        _stems(root, "edge_agent"),
        _stems(root, LAYER, "functions", "localcloud", "statemachines", "benchmarks"),
    )
    nameless = set()
    for path in (root / "tests/unit").rglob("test_*.py"):
        name, stems = path.stem.removeprefix("test_"), agent if "edge_agent" in path.parts else cloud
        if not any(f"{name}_".startswith(f"{stem}_") for stem in stems):
            nameless.add(name)
    assert nameless == set(WHOLE_BEHAVIOURS)


def test_every_module_of_rules_has_a_test_file_of_its_own(root: Path) -> None:
    rules = {path.stem for path in (root / LAYER / "domain").glob("[!_]*.py")}
    assert len(rules) > 20
    assert rules == {path.stem.removeprefix("test_") for path in (root / "tests/unit/domain").glob("test_*.py")}


def test_no_module_of_the_cloud_is_too_long(root: Path) -> None:
    modules = [*(root / LAYER).rglob("*.py"), *(root / "functions").rglob("*.py")]
    lengths = {str(each.relative_to(root)): len(each.read_text(encoding="utf-8").splitlines()) for each in modules}
    assert len(lengths) > 200
    assert {name: lines for name, lines in lengths.items() if lines >= MOST_LINES} == {}


def test_operations_adapters_and_their_tests_have_the_same_subjects(root: Path) -> None:
    for folder in ("use_cases", "adapters"):
        found = {each.parent.name for each in (root / LAYER / folder).glob("*/__init__.py")}
        assert found == SUBJECTS, folder
        tested = {each.parent.name for each in (root / "tests/unit" / folder).glob("*/test_*.py")}
        assert tested <= SUBJECTS, folder


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
