"""How README.md is read and run, and that its first commands are the Makefile's."""

import re
from pathlib import Path

import pytest

from tests.support.readme import Said, Step, run, steps_of

PAGE = """\
# A page

## By hand

Words.

    # Say it, and
    X=1
    for i in 1 2; do
      echo $i  # twice
    done

    # Fail
    echo "$X" && false

## After

    echo not run
"""


def test_a_comment_begins_a_step_and_the_section_ends_the_last(root: Path) -> None:
    steps = steps_of(PAGE, "By hand")
    assert steps == [
        Step("Say it, and", "X=1\nfor i in 1 2; do\n  echo $i  # twice\ndone"),
        Step("Fail", 'echo "$X" && false'),
    ]
    said = run(steps, cwd=root, environment={}, seconds=30)
    assert said == [Said("1\n2\n", 0), Said("1\n", 1)]


def test_a_page_that_does_not_end_is_ended(root: Path) -> None:
    with pytest.raises(AssertionError, match=r"took more than 0\.5 s"):
        run([Step("Wait", "sleep 60 & wait")], cwd=root, environment={}, seconds=0.5)


def test_the_page_waits_by_asking_for_the_next_status(root: Path) -> None:
    page = (root / "README.md").read_text(encoding="utf-8")
    commands = "\n".join(step.commands for step in steps_of(page, "By hand"))
    assert "sleep" not in commands
    assert "?wait=25s&unless=" in commands


def test_every_target_that_the_page_names_is_there(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake (?:-s )?([a-z]+)", (root / "README.md").read_text(encoding="utf-8")))
    assert {"demo", "test", "up", "down", "env", "device", "agent", "executions"} <= named
    assert [name for name in named if f".PHONY: {name}\n" not in makefile] == []
