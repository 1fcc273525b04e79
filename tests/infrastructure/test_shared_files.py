"""Runs of pytest that share files: each test is run once, by whichever run, and what fails is heard of."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Final, cast

import pytest

from localcloud.settings import ROOT
from tests.conftest import pytest_collection_modifyitems

FILES: Final = 12
CONFTEST: Final = """
import os
import pytest
from tests.support.shared_files import end_shared, folder_to_share_in, run_shared

def pytest_collection(session):
    return True

def pytest_runtestloop(session):
    run_shared(session, folder_to_share_in(session.config))
    return True

def pytest_sessionfinish(session):
    end_shared(session, folder_to_share_in(session.config))

@pytest.fixture(scope="session")
def of_the_run():
    yield
    print("end", file=open(os.environ["SAID"], "a"))
"""
CONFTEST_OF_A_FOLDER: Final = """
import pytest

@pytest.fixture
def of_the_folder():
    return "here"
"""
TESTS: Final = """
import os
import pytest

print("read", os.path.basename(__file__), file=open(os.environ["SAID"], "a"))
assert os.path.basename(__file__) != "test_5.py" or "BREAKS" not in os.environ

@pytest.fixture(scope="module")
def of_the_file(of_the_run):
    yield
    print("over", file=open(os.environ["SAID"], "a"))

@pytest.mark.parametrize("which", [1, 2])
def test_it(request, which, of_the_file, of_the_folder):
    assert {each.name for each in request.session.items if each.path == request.path} == {"test_it[1]", "test_it[2]"}
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
        (place / "conftest.py").write_text(CONFTEST_OF_A_FOLDER)
        (place / f"test_{number}.py").write_text(TESTS)
    return tmp_path


def start(folder: Path, run: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start a run that shares with the others."""
    outer = os.environ | environment | {"RUN": run, "SAID": str(folder / "said"), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-m", "pytest", "-q", *options, str(folder)],
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
    read = sorted(line for line in said if line.startswith("read "))
    assert read == sorted(f"read test_{number}.py" for number in range(FILES))


def test_a_file_that_cannot_be_read_fails_the_run_that_took_it_and_keeps_no_other_from_its_tests(folder: Path) -> None:
    assert start(folder, "first", BREAKS="1").wait(60) == 1
    ran = [line for line in (folder / "said").read_text().splitlines() if line.startswith("test ")]
    assert len(ran) == 2 * (FILES - 1)


def test_a_test_that_needs_the_local_cloud_stands_where_it_is_looked_for() -> None:
    path = ROOT / "tests" / "unit" / "test_it.py"
    item = SimpleNamespace(path=path, nodeid="tests/unit/test_it.py::test_it", fixturenames=["local_cloud"])
    with pytest.raises(pytest.UsageError, match=r"unit/test_it\.py::test_it needs the local cloud: it belongs"):
        pytest_collection_modifyitems([cast("pytest.Item", item)])


def test_runs_of_which_none_finds_a_test_end_ill(folder: Path) -> None:
    codes = [start(folder, run, "-m", "misspelt").wait(60) for run in ("first", "second")]
    assert codes == [pytest.ExitCode.NO_TESTS_COLLECTED] * 2


def test_a_failure_fails_the_run_that_has_it_and_a_later_run_has_nothing_left(folder: Path) -> None:
    assert start(folder, "first", FAILS="1").wait(60) == 1
    before = (folder / "said").read_text()
    assert start(folder, "second", FAILS="1").wait(60) == 0
    assert (folder / "said").read_text() == before
