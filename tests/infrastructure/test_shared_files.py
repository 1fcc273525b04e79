"""Runs of pytest that share files: each test is run once, by whichever run, and what fails is heard of."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from localcloud.settings import ROOT

FILES: Final = 12
CONFTEST: Final = """
import os
import pytest
from tests.support.shared_files import folder_to_share_in, run_shared

def pytest_runtestloop(session):
    run_shared(session, folder_to_share_in())
    return True

@pytest.fixture(scope="session")
def of_the_run():
    yield
    print("end", file=open(os.environ["SAID"], "a"))
"""
TESTS: Final = """
import os
import pytest

@pytest.fixture(scope="module")
def of_the_file(of_the_run):
    yield
    print("over", file=open(os.environ["SAID"], "a"))

@pytest.mark.parametrize("which", [1, 2])
def test_it(which, of_the_file):
    name = os.path.basename(__file__)
    print("test", name, which, os.environ["RUN"], file=open(os.environ["SAID"], "a"))
    if (name, which) == ("test_0.py", 1) and "WAITS" in os.environ:
        open(os.environ["WAITS"]).read()
    assert (name, which) != ("test_3.py", 2) or "FAILS" not in os.environ
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of tests, some of them in folders of their own."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib -p no:cacheprovider\n")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for number in range(FILES):
        place = tmp_path / f"of_{number % 3}"
        place.mkdir(exist_ok=True)
        (place / f"test_{number}.py").write_text(TESTS)
    return tmp_path


def start(folder: Path, run: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start a run that shares with the others."""
    outer = os.environ | environment | {"RUN": run, "SAID": str(folder / "said"), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-m", "pytest", "-q", str(folder)],
        cwd=folder,
        env=outer | {"SHARED_TEST_FILES": str(folder / "shared")},
        stdout=subprocess.DEVNULL,
    )


def test_each_test_is_run_once_and_each_file_whole_by_who_comes_first(folder: Path) -> None:
    waits = folder / "waits"
    os.mkfifo(waits)
    slow = start(folder, "slow", WAITS=str(waits))
    with waits.open("w"):  # the slow run is within the first file, and stays there until this is closed
        assert start(folder, "fast").wait(60) == 0
    assert slow.wait(60) == 0
    said = (folder / "said").read_text().splitlines()
    ran = sorted(line for line in said if line.startswith("test "))
    expected = [(f"test_{number}.py", which) for number in range(FILES) for which in (1, 2)]
    assert ran == sorted(f"test {name} {which} {'slow' if name == 'test_0.py' else 'fast'}" for name, which in expected)
    assert (said.count("over"), said.count("end")) == (FILES, 2)


def test_a_failure_fails_the_run_that_has_it_and_a_later_run_has_nothing_left(folder: Path) -> None:
    assert start(folder, "first", FAILS="1").wait(60) == 1
    before = (folder / "said").read_text()
    assert start(folder, "second", FAILS="1").wait(60) == 0
    assert (folder / "said").read_text() == before
