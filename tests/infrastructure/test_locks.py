"""What is installed is locked: each pin is in its lock at the same version, and everything in a lock has hashes."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from layers.edgeflow.build_layer import main
from localcloud.settings import ROOT

PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LAYER: Final = ROOT / "layers" / "edgeflow" / "requirements.txt"
LOCKS: Final = (LAYER, *sorted((ROOT / "tools" / "locks").glob("*.txt")))


def written(name: str) -> list[str]:
    """Return the requirements of a file that people write."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def extras(*names: str) -> list[str]:
    """Return what the package and its extras require; an extra may name others."""
    found = list(PROJECT["dependencies"])
    for requirement in (each for name in names for each in PROJECT["optional-dependencies"][name]):
        inner = re.fullmatch(r"edgeflow\[(.*)\]", requirement)
        found += extras(*inner[1].split(",")) if inner else [requirement]
    return found


def pin(requirement: str) -> tuple[str, str]:
    """Return the name, as it is compared, and the version."""
    found = re.match(r"([\w.-]+)(?:\[.*?\])?==([^\s;]+)", requirement)
    assert found, f"{requirement} is not pinned"
    return re.sub(r"[-_.]+", "-", found[1]).lower(), found[2]


def entries(lock: Path) -> list[str]:
    """Return each requirement of a lock, with its hashes, as one line."""
    text = re.sub(r"\n? *#.*", "", lock.read_text(encoding="utf-8")).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("layers/edgeflow/requirements.txt", written("layers/edgeflow/requirements.in")),
        ("tools/locks/agent.txt", extras("agent")),
        ("tools/locks/agent-gpio.txt", extras("agent", "gpio")),
        ("tools/locks/test.txt", extras("test")),
        ("tools/locks/dev.txt", extras("dev")),
        *(
            (f"tools/locks/{name}.txt", written(f"tools/{name}.in"))
            for name in ("lock", "ministack", "pip", "sam", "scan", "secure")
        ),
    ],
)
def test_every_pin_is_in_its_lock(lock: str, wanted: list[str]) -> None:
    locked = {pin(entry) for entry in entries(ROOT / lock)}
    assert {pin(requirement) for requirement in wanted} - locked == set(), "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_has_hashes_and_no_address_or_path_of_the_machine_that_made_it(lock: Path) -> None:
    found = entries(lock)
    assert found
    assert [entry for entry in found if not re.search(r" --hash=sha256:[0-9a-f]{64}", entry)] == []
    assert re.findall(r".*(?:://|--index|--find-links| /|\.\./).*", lock.read_text(encoding="utf-8")) == []


def test_the_layer_and_a_device_get_the_same_version_of_what_both_have() -> None:
    layer, agent = (dict(map(pin, entries(lock))) for lock in (LAYER, ROOT / "tools/locks/agent.txt"))
    both = layer.keys() & agent.keys()
    assert "pydantic-core" in both
    assert {name: layer[name] for name in both} == {name: agent[name] for name in both}


def test_a_layer_is_not_built_from_what_has_no_hash(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("annotated-types==0.8.0\n", encoding="utf-8")
    assert main([str(ROOT / "template.yaml"), str(requirements), str(tmp_path / "layer"), "local"]) == 1
    said = capfd.readouterr().err
    assert "Hashes are required" in said
    assert not (tmp_path / "layer").exists()
