"""``edgeflow-agent``: the table of its commands."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from edge_agent import __version__
from edge_agent.commands import doctor, logs, run, status, unit
from edge_agent.config import ConfigError
from edge_agent.state import StateError

_COMMANDS: Final = (run, status, doctor, logs, unit)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; returns the exit code.

    0 when all is well, 1 when the command says it is not, 2 when the settings or the state cannot be used.
    """
    parser = argparse.ArgumentParser(prog="edgeflow-agent", description="The EdgeFlow agent of one device.")
    parser.add_argument("--version", action="version", version=f"edgeflow-agent {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in _COMMANDS:
        command.add(commands)
    asked = parser.parse_args(arguments)
    try:
        return int(asked.carry_out(asked))
    except (ConfigError, StateError) as error:
        print(error, file=sys.stderr)  # noqa: T201  that is what a command line is for
        return 2


if __name__ == "__main__":
    sys.exit(main())
