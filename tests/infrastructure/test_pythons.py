"""The admitted versions of Python: one list of them, wheels of everything for each, and no shim taken for one."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from localcloud.settings import ROOT
from tests.infrastructure.conftest import Template

FIND_PYTHON = ROOT / "tools" / "find_python"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LAYER = ROOT / "layers" / "edgeflow" / "requirements.in"
MACHINES = ("x86_64", "aarch64")
GLIBC = ("manylinux_2_28", "manylinux2014")
"""What the layer is built for, and what docs/agent.md promises of devices."""
MAX_SECONDS_OF_PIP = 180


def _find_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash is not None
    return subprocess.run(  # noqa: S603  a script of this clone
        [bash, str(FIND_PYTHON), *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


ADMITTED = tuple(_find_python("--admitted").stdout.split())


def test_every_place_admits_the_same_versions(template: Template) -> None:
    start = "Programming Language :: Python :: "
    classified = [line.removeprefix(start) for line in PROJECT["classifiers"] if line.startswith(start)]
    runtimes = template.body["Parameters"]["PythonRuntime"]["AllowedValues"]
    assert tuple(classified) == ADMITTED
    assert tuple(runtimes) == tuple(f"python{version}" for version in ADMITTED)
    assert PROJECT["requires-python"] == f">={ADMITTED[0]}"
    for page in ("README.md", "CONTRIBUTING.md", "docs/agent.md", "docs/operations.md"):
        told = re.findall(r"Python (3\.\d+) to (3\.\d+)", (ROOT / page).read_text(encoding="utf-8"))
        assert told, page
        assert set(told) == {(ADMITTED[0], ADMITTED[-1])}, page


def test_nothing_that_make_sets_up_can_be_committed() -> None:
    (cleaned,) = re.findall(r"^\trm -rf (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    made = [f"{name.replace('*', ADMITTED[-1])}/any" for name in cleaned.split()]
    git = shutil.which("git")
    assert git is not None
    ignored = subprocess.run(  # noqa: S603  names of the Makefile
        [git, "check-ignore", "--no-index", *made], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    assert ignored.stdout.splitlines() == made, ignored.stderr


@pytest.mark.timeout(MAX_SECONDS_OF_PIP + 30)
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("version", ADMITTED)
def test_everything_the_layer_and_a_device_need_has_a_wheel(
    version: str, machine: str, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    extras = PROJECT["optional-dependencies"]
    needed = [*LAYER.read_text(encoding="utf-8").splitlines(), *extras["agent"], *extras["gpio"]]
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("\n".join(needed), encoding="utf-8")
    # A wheel that was there stays there: pip is asked again only when what is needed changes.
    cache = pytestconfig.cache
    assert cache is not None
    seen = hashlib.sha256(requirements.read_bytes()).hexdigest()
    key = f"edgeflow/wheels-{version}-{machine}"
    if cache.get(key, None) == seen:
        return
    platforms = [f"--platform={libc}_{machine}" for libc in GLIBC]
    wheels = ["--only-binary=:all:", "--implementation=cp", f"--python-version={version}", *platforms]
    done = subprocess.run(  # noqa: S603  pip, which finds out and installs nothing
        [
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"),
            *("--target", str(tmp_path), *wheels, "--requirement", str(requirements)),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=MAX_SECONDS_OF_PIP,
    )
    assert done.returncode == 0, done.stderr
    cache.set(key, seen)


def test_a_shim_without_an_interpreter_behind_it_is_passed_over(tmp_path: Path) -> None:
    shims, real = tmp_path / "shims", tmp_path / "real"
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    for folder in (shims, real):
        folder.mkdir()
    shim = shims / f"python{ours}"
    shim.write_text("#!/bin/sh\necho no such version >&2\nexit 127\n", encoding="utf-8")
    shim.chmod(0o755)
    alone = _find_python(ours, PATH=str(shims))
    assert (alone.returncode, alone.stdout) == (1, "")
    assert alone.stderr == f"No Python {ours} that runs and has venv was found.\n"
    (real / f"python{ours}").symlink_to(sys.executable)
    behind = _find_python(ours, PATH=f"{shims}{os.pathsep}{real}")
    assert behind.stdout == f"{real / f'python{ours}'}\n"


def test_an_interpreter_of_another_version_is_refused_by_name(tmp_path: Path) -> None:
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    other.chmod(0o755)
    done = _find_python(PYTHON=str(other))
    assert done.returncode == 1
    assert done.stderr == f"PYTHON={other} is not a Python of {', '.join(ADMITTED)} that runs and has venv.\n"
