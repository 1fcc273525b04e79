"""``edgeflow-agent secret``: the secrets of this device, which flows name as ``${secret:NAME}``.

A value never is an argument of a command: others on the device can read those.
"""

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from edge_agent.commands.arguments import Commands
from edge_agent.config import load_config
from edge_agent.disk.files import make_folder
from edge_agent.disk.secrets import MAX_LENGTH, SecretStore, SecretsUnusable, credentials_of

_REFUSED: Final = 1
_LATER: Final = "flows have it from their next start (systemctl restart edgeflow-agent, or the next deployment)"
_FOLDER_MODE: Final = 0o700


def add(commands: Commands) -> None:
    """Add the command, and those below it."""
    what = "keep the secrets of this device that flows name"
    parser = commands.add_parser("secret", help=what, description=f"{what[0].upper()}{what[1:]}.")
    below = parser.add_subparsers(dest="action", required=True)
    for name, help_, act in (
        ("set", "set one: its value comes from standard input, or is asked for without being shown", _set),
        ("list", "print the names, one a line, and where each comes from; never a value", _list),
        ("remove", "forget one", _remove),
    ):
        action = below.add_parser(name, help=help_, description=f"{help_[0].upper()}{help_[1:]}.")
        if act is not _list:
            action.add_argument("name", metavar="NAME", help="a letter, then letters, digits, _ . and -, at most 64")
        action.add_argument("--config", type=Path, required=True, help="settings (TOML), see docs/agent.md")
        action.set_defaults(carry_out=_guarded(act))


def _guarded(act: Callable[[SecretStore, argparse.Namespace], None]) -> Callable[[argparse.Namespace], int]:
    def carry_out(asked: argparse.Namespace) -> int:
        """Do it; returns 0, or 1 with a sentence when it cannot be done. Raises ConfigError."""
        config = load_config(asked.config)
        try:
            make_folder(config.data_directory, _FOLDER_MODE)
            act(SecretStore(config.data_directory, credentials_of(os.environ)), asked)
        except SecretsUnusable as error:
            return _refuse(str(error))
        except OSError as error:
            return _refuse(f"the disk does not take it: {error.strerror}; make room or mend the permissions")
        return 0

    return carry_out


def _set(store: SecretStore, asked: argparse.Namespace) -> None:
    store.set(asked.name, _ask(asked.name) if sys.stdin.isatty() else _read())
    _say(f"{asked.name} is set; {_LATER}")


def _list(store: SecretStore, _: argparse.Namespace) -> None:
    for name, source in store.names().items():
        _say(f"{name} ({source})")


def _remove(store: SecretStore, asked: argparse.Namespace) -> None:
    store.remove(asked.name)
    _say(f"{asked.name} is removed; a flow that names it cannot be started any more, one that runs goes on")


def _ask(name: str) -> str:
    value = getpass.getpass(f"Value of {name}: ")
    if getpass.getpass("Once more: ") != value:
        message = "the two values differ; nothing was changed"
        raise SecretsUnusable(message)
    return value


def _read() -> str:
    """Return what comes by standard input; a line end is no part of it."""
    try:
        value = sys.stdin.buffer.read(4 * MAX_LENGTH + 3).decode()
    except UnicodeDecodeError:
        message = "the value is not UTF-8"
        raise SecretsUnusable(message) from None
    return value.removesuffix("\n").removesuffix("\r")


def _say(sentence: str) -> None:
    print(sentence)  # noqa: T201  that is what a command line is for


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201  as above
    return _REFUSED
