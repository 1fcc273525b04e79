"""What `make sbom` writes and what `make audit` says, with programs in place of those that are asked."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from localcloud.settings import ROOT

LOCKS: Final = {"layer": "layers/edgeflow/requirements.txt", "agent": "tools/locks/agent-gpio.txt"}
WRITES_ITS_ARGUMENTS: Final = """#!/usr/bin/env bash
while [[ $1 != --output-file ]]; do shift; done
printf '{"lock": "%s"}' "$3" >"$2"
"""


def run(tool: str, program: str, script: str, clone: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool in a folder that has nothing but it and a program that it asks."""
    for path, text in ((f"tools/{tool}", (ROOT / "tools" / tool).read_text()), (f".venv-scan/bin/{program}", script)):
        place = clone / path
        place.parent.mkdir(parents=True)
        place.write_text(text)
        place.chmod(0o755)
    return subprocess.run(  # noqa: S603  a script of this clone
        [str(clone / "tools" / tool)], env=dict(os.environ), capture_output=True, text=True, check=False, timeout=30
    )


def test_layer_and_agent_have_a_bill_of_materials_each_from_their_locks(tmp_path: Path) -> None:
    done = run("sbom", "cyclonedx-py", WRITES_ITS_ARGUMENTS, tmp_path)
    assert done.returncode == 0, done.stderr
    for name, lock in LOCKS.items():
        assert (ROOT / lock).exists()
        assert json.loads((tmp_path / "dist" / f"{name}.cdx.json").read_text()) == {"lock": lock}


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("echo 'No known vulnerabilities found' >&2", 0, "requirements.txt: No known vulnerabilities found"),
        ("echo 'Found 1 known vulnerability in 1 package' >&2; exit 1", 1, "Found 1 known vulnerability"),
        ("echo 'ConnectionError' >&2; exit 1", 0, "NOT audited, the advisory service could not be asked"),
        ("echo 'wrapt  Dependency not found on PyPI and could not be audited'", 0, "NOT audited, the advisory service"),
    ],
)
def test_only_a_vulnerability_fails_the_audit_and_what_was_not_looked_at_is_said(
    tmp_path: Path, script: str, code: int, said: str
) -> None:
    done = run("audit", "pip-audit", f"#!/usr/bin/env bash\n{script}\n", tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stdout


def test_a_state_without_its_next_one_is_found_in_the_translated_template(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "statemachines", tmp_path / "statemachines", ignore=shutil.ignore_patterns("*.py"))
    machine = tmp_path / "statemachines" / "rolling.asl.json"
    machine.write_text(machine.read_text().replace('"Next":', '"Nexxt":', 1))
    template = shutil.copy(ROOT / "template.yaml", tmp_path)
    done = subprocess.run(  # noqa: S603  a script of this clone
        [str(ROOT / "tools" / "lint_translated"), template], capture_output=True, text=True, check=False, timeout=55
    )
    assert done.returncode != 0
    assert "E3601" in done.stdout
