"""What comes onto a device with ``pip install 'edgeflow[agent]'``: nothing of the cloud's."""

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

CLOUD = {"aws-lambda-powertools", "boto3", "botocore"}

BLOCKED = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"aws_lambda_powertools", "boto3", "botocore", "cryptography", "requests"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
import importlib
from edge_agent.cli import _COMMANDS, main
for name in _COMMANDS:
    importlib.import_module(f"edge_agent.commands.{name}")
sys.exit(main(["unit"]))
"""


def needed(names: set[str]) -> set[str]:
    """Return these packages and what they need, and so on, by what each says of itself."""
    found: set[str] = set()
    while names:
        name = names.pop()
        found.add(name)
        for line in metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                names |= {requirement.name.lower()} - found
    return found


@pytest.mark.parametrize("extra", ["agent"])
def test_the_agents_requirements_bring_nothing_of_the_clouds(root: Path, extra: str) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"][extra]]
    brought = needed({Requirement(line).name.lower() for line in lines})
    assert "awscrt" in brought, "requirements of requirements are found"
    assert brought & CLOUD == set()


def test_the_wall_to_the_cloud_names_all_of_it(root: Path) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (wall,) = [each for each in contracts if each.get("source_modules") == ["edge_agent"]]
    packages = (root / "layers" / "edgeflow" / "edgeflow").iterdir()
    there = {path.stem for path in packages if path.suffix == ".py" or (path / "__init__.py").is_file()}
    behind = {f"edgeflow.{name}" for name in there - {"__init__", "contract"}}
    assert behind <= set(wall["forbidden_modules"])


def test_every_command_is_imported_without_them() -> None:
    command = [sys.executable, "-c", BLOCKED]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  built above
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("# EdgeFlow's agent")


def test_the_unit_is_part_of_the_package(root: Path) -> None:
    build = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "edge_agent" in build["packages"], "with all that is in it"
    assert (root / "edge_agent" / "install" / "edgeflow-agent.service").is_file()
