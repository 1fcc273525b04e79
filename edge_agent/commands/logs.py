"""``edgeflow-agent logs``: from systemd's journal where the unit is known, else from the agent's own file."""

import argparse
import shutil
import subprocess
import sys
import time
from datetime import datetime
from typing import Final

from edge_agent.commands.arguments import Commands, add_command
from edge_agent.commands.unit import UNIT
from edge_agent.config import ConfigError, load_config
from edge_agent.process.logfile import last_lines, new_lines

DEFAULT_LINES: Final = 100
_ASKS_SECONDS: Final = 10
_LOOKS_EVERY_SECONDS: Final = 0.5


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "logs", "print what the agent has logged", carry_out)
    parser.add_argument("--follow", action="store_true", help="go on printing what comes")
    parser.add_argument("--lines", type=_count, default=DEFAULT_LINES, help=f"so many at most ({DEFAULT_LINES})")
    parser.add_argument("--since", type=_local_time, metavar="TIME", help="from then on: 2026-02-21 12:00, local time")


def carry_out(asked: argparse.Namespace) -> int:
    """Print them; returns journalctl's exit code, or 0."""
    config = load_config(asked.config)
    try:
        journal = shutil.which("journalctl")
        if journal is not None and _is_known():
            return _from_journal(journal, asked)
        if config.log_file is None:
            message = (
                f"systemd does not know {UNIT}, and log_file is not set, so the log is where the agent was started; "
                "install the unit (edgeflow-agent unit), or set log_file"
            )
            raise ConfigError(message)
        tail = last_lines(config.log_file, count=asked.lines, since=asked.since)
        sys.stdout.writelines(tail.lines)
        sys.stdout.flush()
        if asked.follow:
            for line in new_lines(config.log_file, tail.end, wait=lambda: time.sleep(_LOOKS_EVERY_SECONDS)):
                sys.stdout.write(line)
                sys.stdout.flush()
    except KeyboardInterrupt:  # how one ends --follow
        return 0
    except OSError as error:
        message = f"log_file {config.log_file} cannot be read: {error.strerror}"
        raise ConfigError(message) from error
    return 0


def _from_journal(journal: str, asked: argparse.Namespace) -> int:
    command = [journal, f"--unit={UNIT}", f"--lines={asked.lines}"]
    if asked.since is not None:
        command.append(f"--since={asked.since:%Y-%m-%d %H:%M:%S}")
    command.append("--follow" if asked.follow else "--no-pager")
    return subprocess.run(command, check=False).returncode  # noqa: S603  its arguments were read and written anew


def _is_known() -> bool:
    systemctl = shutil.which("systemctl")
    if systemctl is None:
        return False
    command = [systemctl, "show", "--property=LoadState", "--value", UNIT]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_ASKS_SECONDS)  # noqa: S603  ours
    except subprocess.TimeoutExpired:
        return False
    return told.stdout.strip() == "loaded"


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        message = "it must be 1 or more"
        raise argparse.ArgumentTypeError(message)
    return count


def _local_time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        message = f"{text!r} is no time; write it as 2026-02-21 12:00"
        raise argparse.ArgumentTypeError(message) from error
