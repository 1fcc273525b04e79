"""The SAM CLI of this clone, in a process of its own."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from deployed.errors import StackError

ROOT: Final = Path(__file__).resolve().parent.parent
_LOG_LINES_SHOWN: Final = 25


def sam(
    arguments: Sequence[str], *, config_env: str, environment: Mapping[str, str], log: Path, seconds: float
) -> None:
    """Run ``sam`` by the settings of one environment of samconfig.toml; what it says is added to ``log``.

    Raises:
        StackError: it is missing, did not end within ``seconds``, or failed: its last words are in the text.
    """
    program = ROOT / ".venv-sam" / "bin" / "sam"
    if not program.exists():
        message = f"{program.relative_to(ROOT)} is missing. `make up` makes it."
        raise StackError(message)
    command = [str(program), *arguments, "--config-file", str(ROOT / "samconfig.toml"), "--config-env", config_env]
    with log.open("ab") as output:
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired as error:
            message = f"`sam {arguments[0]}` did not end within {seconds:.0f} s. See {log}."
            raise StackError(message) from error
    if done.returncode != 0:
        lines = log.read_text(errors="replace").splitlines()[-_LOG_LINES_SHOWN:]
        message = "\n".join([f"`sam {arguments[0]}` failed. The end of its log:", *lines, f"All of it: {log}"])
        raise StackError(message)
