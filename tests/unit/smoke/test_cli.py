"""The command: its report, its exit code, its sentences."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import localcloud.stack
from smoke import cli
from smoke.cli import main
from smoke.runner import Runner, Step


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the report goes; a local cloud seems to be up."""
    there = SimpleNamespace(name="edgeflow", region="us-east-1")
    monkeypatch.setattr(localcloud.stack, "running", lambda _: there)
    return tmp_path / "report.json"


def prove_by(monkeypatch: pytest.MonkeyPatch, do: Any) -> None:  # noqa: ANN401  what the one step does
    def prove(runner: Runner, *_: object, **__: object) -> None:
        runner.run([Step("token", do)])

    monkeypatch.setattr(cli, "prove", prove)


def test_a_pass_is_told_by_line_report_and_exit_code(
    report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prove_by(monkeypatch, lambda: "well")
    assert main(["--local", "--report", str(report)]) == 0
    told = json.loads(report.read_text())
    assert (told["stack"], told["outcome"], [each["name"] for each in told["steps"]]) == (
        "edgeflow",
        "passed",
        ["token"],
    )
    assert capsys.readouterr().out.splitlines()[0].startswith("ok ")


def test_a_failure_ends_with_1_and_is_in_the_report(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> str:
        raise AssertionError

    prove_by(monkeypatch, fails)
    assert main(["--local", "--report", str(report)]) == 1
    assert json.loads(report.read_text())["outcome"] == "failed"


def test_a_local_cloud_that_is_not_up_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOCALCLOUD_DIR", str(tmp_path))
    assert main(["--local", "--report", str(tmp_path / "report.json")]) == 1
    assert capsys.readouterr().err == "The local cloud does not run. Start it: make up\n"
    assert not (tmp_path / "report.json").exists()


def test_aws_without_a_region_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert main(["--report", str(tmp_path / "report.json")]) == 1
    assert "No region is set" in capsys.readouterr().err


def test_ctrl_c_says_what_may_be_left(
    report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped() -> str:
        raise KeyboardInterrupt

    prove_by(monkeypatch, stopped)
    assert main(["--local", "--report", str(report)]) == 130
    assert "make teardown STACK=edgeflow-smoke DATA=delete" in capsys.readouterr().out
