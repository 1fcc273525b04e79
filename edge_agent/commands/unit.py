"""``edgeflow-agent unit``: the unit by which systemd runs the agent."""

import argparse
import sys
from importlib import resources
from typing import Final

from edge_agent.commands.arguments import Commands

UNIT: Final = "edgeflow-agent.service"


def add(commands: Commands) -> None:
    """Add the command. It needs no settings: it is of use before there are any."""
    what = f"print {UNIT}, for /etc/systemd/system"
    parser = commands.add_parser("unit", help=what, description=f"{what[0].upper()}{what[1:]}.")
    parser.set_defaults(carry_out=carry_out)


def carry_out(_: argparse.Namespace) -> int:
    """Print it."""
    sys.stdout.write(read_unit())
    return 0


def read_unit() -> str:
    """Return the unit's text, as it comes with the agent."""
    return (resources.files("edge_agent") / "install" / UNIT).read_text(encoding="utf-8")
