"""What a stranger has to find their way in: modules that can be read at one sitting, under folders of one subject."""

from pathlib import Path

MOST_LINES = 400
LAYER = Path("layers/edgeflow/edgeflow")
SUBJECTS = {"deployments", "devices", "enrolment", "flows", "history", "reports", "rollout"}


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
