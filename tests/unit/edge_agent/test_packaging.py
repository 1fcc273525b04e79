"""What comes onto a device with ``pip install 'edgeflow[agent]'``: nothing of the cloud's."""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from email import message_from_bytes
from importlib import metadata
from pathlib import Path
from shutil import copy
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
OURS = ("edgeflow/cli", "edgeflow/client", "edgeflow/contract")
CLOUD = {"aws-lambda-powertools", "boto3", "botocore"}

BLOCKED = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {
            "aws_lambda_powertools", "boto3", "botocore", "cryptography", "httpx", "requests", "rich", "typer"
        }:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
import importlib
from edge_agent.cli import _COMMANDS, main
for name in _COMMANDS:
    importlib.import_module(f"edge_agent.commands.{name}")
sys.exit(main(["unit"]))
"""

IMPORTS_ALL = """
import importlib, pathlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import edge_agent, edgeflow
names = [each.name for package in (edge_agent, edgeflow)
         for each in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
for name in names:
    found = importlib.import_module(name)
    assert pathlib.Path(found.__file__).is_relative_to(sys.argv[1]), found.__file__
print(len(names))
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


@pytest.mark.slow
def test_every_command_is_imported_without_them() -> None:
    command = [sys.executable, "-c", BLOCKED]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  built above
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("# EdgeFlow's agent")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel, as pip would have it built."""
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return ZipFile(built)


def test_the_wheel_holds_the_agent_the_client_and_the_contract_alone(wheel: ZipFile) -> None:
    files = {name for name in wheel.namelist() if ".dist-info/" not in name}
    ours = {name for name in files if name.startswith(("edge_agent/", *(f"{each}/" for each in OURS)))}
    assert files - ours == {"edgeflow/__init__.py", "edgeflow/py.typed"}
    sources = [(ROOT, "edge_agent"), *((ROOT / "layers" / "edgeflow", package) for package in OURS)]
    there = {
        str(path.relative_to(base))
        for base, package in sources
        for path in (base / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert ours == there
    assert {"edge_agent/install/edgeflow-agent.service", "edge_agent/py.typed"} <= ours


def test_the_wheel_says_what_it_is(wheel: ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    told = message_from_bytes(wheel.read(name))
    assert str(told.get_payload()).startswith("# EdgeFlow")
    assert told["Description-Content-Type"] == "text/markdown"
    assert {"agent", "gpio"} <= set(told.get_all("Provides-Extra", []))


def urls_of(project: Path) -> dict[str, str]:
    """Return the addresses that a wheel of a project would name."""
    metadata = ProjectMetadata(str(project), PluginManager())
    return dict(metadata.core.urls)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Makes what is a clone of an address, as far as its wheel is concerned."""
    monkeypatch.delenv("EDGEFLOW_REPOSITORY", raising=False)

    def cloned(address: str) -> Path:
        for name in ("pyproject.toml", "README.md", "LICENSE", "tools/wheel_urls.py"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            copy(ROOT / name, tmp_path / name)
        for command in (["init", "-q"], ["remote", "add", "origin", address]):
            subprocess.run(["git", "-C", tmp_path, *command], timeout=30, check=True)  # noqa: S603, S607  built above
        return tmp_path

    return cloned


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("https://code.example.com/fleet/edgeflow.git", "https://code.example.com/fleet/edgeflow"),
        (
            "https://builder:secret@code.example.com:8443/fleet/edgeflow/",
            "https://code.example.com:8443/fleet/edgeflow",
        ),
        ("git@code.example.com:fleet/edgeflow.git", "https://code.example.com/fleet/edgeflow"),
        ("ssh://git@code.example.com:2222/fleet/edgeflow.git", "https://code.example.com/fleet/edgeflow"),
        ("/srv/git/edgeflow", None),
        ("file:///srv/git/edgeflow", None),
        ("http://code.example.com/fleet/edgeflow", None),
        ("https://localhost/edgeflow", None),
        ("https://code.example.com/", None),
        ("https://127.0.0.1:8443/fleet/edgeflow", None),
        ("git@192.168.1.20:fleet/edgeflow.git", None),
        ("https://code.example.com:port/fleet/edgeflow", None),
        ("https://[code/fleet/edgeflow", None),
    ],
)
def test_a_wheel_names_the_repository_that_it_is_built_from(
    clone: Callable[[str], Path], address: str, named: str | None
) -> None:
    assert urls_of(clone(address)) == ({"Repository": named} if named else {})


def test_a_build_can_name_the_repository(clone: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    project = clone("https://mirror.example.com/edgeflow")
    monkeypatch.setenv("EDGEFLOW_REPOSITORY", "https://code.example.com/edgeflow")
    assert urls_of(project) == {"Repository": "https://code.example.com/edgeflow"}


def test_a_folder_that_is_no_clone_names_none_of_another(clone: Callable[[str], Path]) -> None:
    around = clone("https://code.example.com/of/another")
    inside = around / "vendored"
    inside.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "tools"):
        (around / name).rename(inside / name)
    assert urls_of(inside) == {}


@pytest.mark.slow
def test_all_that_is_in_the_wheel_is_imported_from_it_alone(wheel: ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    command = [sys.executable, "-c", IMPORTS_ALL, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  built above
    assert said.returncode == 0, said.stderr
    assert int(said.stdout) > 100, "modules that were imported"
