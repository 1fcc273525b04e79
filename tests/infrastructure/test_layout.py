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
