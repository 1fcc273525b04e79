"""``edgeflow-agent``: the table of its commands."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Final

from edge_agent import __version__
from edge_agent.config import ConfigError
from edge_agent.disk.state import StateError

_COMMANDS: Final = ("run", "status", "doctor", "logs", "enroll", "rotate", "secret", "unit")
"""Each is the module of that name in edge_agent.commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; returns the exit code.

    0 when all is well, 1 when the command says it is not, 2 when the settings or the state cannot be used.
    """
    parser = argparse.ArgumentParser(prog="edgeflow-agent", description="The EdgeFlow agent of one device.")
    parser.add_argument("--version", action="version", version=f"edgeflow-agent {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    given = sys.argv[1:] if arguments is None else list(arguments)
    # Only what is asked for is loaded: an agent that runs for months needs no doctor in its memory.
    for name in _COMMANDS if not given or given[0] not in _COMMANDS else given[:1]:
        importlib.import_module(f"edge_agent.commands.{name}").add(commands)
    asked = parser.parse_args(given)
    try:
        return int(asked.carry_out(asked))
    except (ConfigError, StateError) as error:
        print(error, file=sys.stderr)  # noqa: T201  that is what a command line is for
        return 2


if __name__ == "__main__":
    sys.exit(main())
