"""The commands of README.md, as they stand there."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

INDENT: Final = "    "
_END_SECONDS: Final = 20
_MARK: Final = "--- the next step of the page ---"


@dataclass(frozen=True)
class Step:
    """What the page says that some commands do, and the commands."""

    title: str
    commands: str


@dataclass(frozen=True)
class Said:
    """What the commands of one step printed, and the exit code of the last of them."""

    output: str
    code: int


def steps_of(page: str, heading: str) -> list[Step]:
    """Return the commands below a heading, each with the comment above it.

    Commands are the indented lines; a comment that is not indented further begins a step.
    """
    section = re.split(rf"^## {re.escape(heading)}$", page, flags=re.MULTILINE)[1]
    section = re.split(r"^## ", section, flags=re.MULTILINE)[0]
    lines = [line.removeprefix(INDENT) for line in section.splitlines() if line.startswith(INDENT)]
    starts = [number for number, line in enumerate(lines) if line.startswith("# ")]
    assert starts, f"there are commands below {heading}"
    assert starts[0] == 0, "each command is explained"
    return [
        Step(lines[start].removeprefix("# "), "\n".join(lines[start + 1 : end]))
        for start, end in pairwise([*starts, len(lines)])
    ]


def run(steps: Sequence[Step], *, cwd: Path, environment: Mapping[str, str], seconds: float) -> list[Said]:
    """Run the commands of a page in one shell, one step after the other, and return what each step printed."""
    script = "\n".join(f"{step.commands}\nprintf '\\n%s\\n%s\\n' $? '{_MARK}'" for step in steps)
    # What the page leaves in the background ends with the page.
    with subprocess.Popen(  # noqa: S603  the page of this clone
        ["bash", "-c", f"trap 'kill $(jobs -p) 2>/dev/null' EXIT\n{script}"],  # noqa: S607  a newcomer's shell
        cwd=cwd,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as shell:
        try:
            output, faults = shell.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            shell.terminate()
            output, faults = shell.communicate(timeout=_END_SECONDS)
            message = f"the page took more than {seconds:g} s; it printed {output[-1000:]!r} and {faults[-1000:]!r}"
            raise AssertionError(message) from None
    said = list(_parts(output))
    assert len(said) == len(steps), faults
    return said


def _parts(output: str) -> Iterator[Said]:
    for part in output.split(f"\n{_MARK}\n")[:-1]:
        printed, _, code = part.rpartition("\n")
        yield Said(printed, int(code))
