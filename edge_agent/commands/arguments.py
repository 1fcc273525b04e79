"""What several commands take."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  it has no public name
CarryOut: TypeAlias = Callable[[argparse.Namespace], int]


def add_command(commands: Commands, name: str, what: str, carry_out: CarryOut) -> argparse.ArgumentParser:
    """Add a command that needs the agent's settings; returns its parser, for arguments of its own."""
    parser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.add_argument("--config", type=Path, required=True, help="settings (TOML), see docs/agent.md")
    parser.set_defaults(carry_out=carry_out)
    return parser
