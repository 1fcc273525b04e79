"""The example pipelines: the one in shell is run as it stands, the one for GitHub Actions calls the same commands."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from edgeflow.bootstrap import stores
from edgeflow.domain.deployments import ACTIVE, DeploymentStatus
from tests.support.api_server import serving
from tests.support.api_world import register
from tests.support.history import ENTRY
from tests.support.rest import Rest


def _commands(script: str) -> list[str]:
    return re.findall(r"^\s*(edgeflow .*)$", script, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.usefixtures("machines")
def test_the_pipeline_rolls_out_what_the_repository_holds(rest: Rest, root: Path, tmp_path: Path) -> None:
    for name in ("fleet.yaml", "first-flow.json"):
        shutil.copy(root / "docs" / "examples" / name, tmp_path)
    register(["dev_001"])
    asked: Counter[str] = Counter()

    def end_at_the_first_look(method: str, path: str) -> None:
        asked[f"{method} {path}"] += 1
        deployment_id = path.rpartition("/")[2]
        if method == "GET" and deployment_id.startswith("dep_"):
            to = DeploymentStatus.COMPLETED
            stores.deployments().finish(deployment_id, allowed=ACTIVE, to=to, reason="a test", at=ENTRY.at, entry=ENTRY)

    with serving(rest, end_at_the_first_look) as url:
        own = {"EDGEFLOW_URL": url, "EDGEFLOW_TOKEN": "token", "BRANCH": "main", "HOME": str(tmp_path)}
        ran = _run(root, tmp_path, Path(sys.executable).parent, own)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("+ First flow: create it, and publish version 1\n") == 2, "planned, then done"
    assert ran.stdout.splitlines()[-1].startswith("completed")
    assert asked["POST /api/v1/flows"] == asked["POST /api/v1/deployments"] == 1


@pytest.mark.parametrize(
    ("branch", "exits", "code", "called"),
    [
        ("main", {"plan": 7, "apply": 0}, 0, ["doctor", "plan", "apply"]),
        ("main", {"plan": 0, "apply": 4}, 4, ["doctor", "plan", "apply"]),
        ("main", {"plan": 1}, 1, ["doctor", "plan"]),
        ("main", {"doctor": 1}, 1, ["doctor"]),
        ("other", {"plan": 7}, 0, ["doctor", "plan"]),
    ],
)
def test_no_failure_passes_for_success(
    root: Path, tmp_path: Path, *, branch: str, exits: dict[str, int], code: int, called: list[str]
) -> None:
    cases = " ".join(f"{command}) exit {number} ;;" for command, number in exits.items())
    program = tmp_path / "edgeflow"
    program.write_text(f'#!/bin/sh\necho "$1"\ncase "$1" in {cases} esac\n')
    program.chmod(0o700)
    ran = _run(root, tmp_path, tmp_path, {"BRANCH": branch})
    assert (ran.returncode, ran.stdout.split()) == (code, called)


def _run(root: Path, folder: Path, programs: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the example in a folder, with `edgeflow` from another."""
    return subprocess.run(  # noqa: S603  the example itself
        ["/bin/sh", str(root / "docs" / "examples" / "pipeline.sh")],
        cwd=folder,
        env={"PATH": f"{programs}:{os.environ['PATH']}", **variables},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_both_pipelines_call_the_same_commands(root: Path) -> None:
    examples = root / "docs" / "examples"
    workflow = yaml.safe_load((examples / "github-actions.yml").read_text(encoding="utf-8"))
    steps = [step["run"] for step in workflow["jobs"]["fleet"]["steps"] if "run" in step]
    called = [step for step in steps if step.startswith("edgeflow")]
    assert called == _commands((examples / "pipeline.sh").read_text(encoding="utf-8"))
    guarded = [step["run"] for step in workflow["jobs"]["fleet"]["steps"] if "if" in step]
    assert guarded == [called[-1]], "only main applies"
