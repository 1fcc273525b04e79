"""The SAM CLI: how it is asked, and what is told of its failures."""

import os
from pathlib import Path

import pytest

from deployed import sam as module
from deployed.errors import StackError
from deployed.sam import sam


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone whose SAM CLI says what it is asked, and fails when it is asked to delete."""
    program = tmp_path / ".venv-sam" / "bin" / "sam"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "asked: $*"\n[ "$1" != delete ]\n')
    program.chmod(0o755)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return tmp_path


def asked(clone: Path, *arguments: str) -> str:
    log = clone / "log"
    sam(arguments, config_env="smoke", environment=os.environ, log=log, seconds=30)
    return log.read_text()


def test_it_goes_by_one_environment_of_the_configuration(clone: Path) -> None:
    assert asked(clone, "build") == f"asked: build --config-file {clone}/samconfig.toml --config-env smoke\n"


def test_a_failure_is_told_with_the_end_of_its_log(clone: Path) -> None:
    with pytest.raises(StackError, match=r"(?s)`sam delete` failed.*asked: delete.*All of it: .*log"):
        asked(clone, "delete")


def test_a_cli_that_is_missing_is_named_with_the_remedy(clone: Path) -> None:
    (clone / ".venv-sam" / "bin" / "sam").unlink()
    with pytest.raises(StackError, match=r"\.venv-sam/bin/sam is missing\. `make up` makes it\."):
        asked(clone, "build")
