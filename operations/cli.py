"""The commands ``preflight`` and ``teardown``."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from operations.clients import clients_of
from operations.errors import OperationsError
from operations.preflight.environment import read_environment, read_text
from operations.preflight.run import as_json, as_text, failed, preflight
from operations.teardown.run import teardown
from operations.waiting import SystemClock

ROOT: Final = Path(__file__).parent.parent
INTERRUPTED: Final = 130
"""Exit code of a command that Ctrl-C has ended: 128 and the number of the signal, as of shells."""


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; returns the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        return _preflight(asked) if asked.command == "preflight" else _teardown(asked)
    except OperationsError as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(
            f"AWS refuses or does not answer: {error}. The same command again goes on from there.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(f"\nStopped `{asked.command}` half-way. The same command again goes on from there.", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m operations", description="What is done around a stack.")
    commands = parser.add_subparsers(dest="command", required=True)
    looked = commands.add_parser("preflight", help="look whether a deployment would go well; changes nothing")
    looked.add_argument("--env", default="dev", help="environment of samconfig.toml")
    looked.add_argument("--region", help="the environment's, else the caller's own, when none is named")
    looked.add_argument("--json", action="store_true", help="for programs")
    torn = commands.add_parser("teardown", help="delete a stack with its devices, and list what is left")
    torn.add_argument("stack", help="its name, such as edgeflow-dev")
    torn.add_argument("--region", help="the caller's own when none is named")
    torn.add_argument("--data", choices=["keep", "delete"], default="keep", help="its table, bucket and signing key")
    torn.add_argument("--yes", action="store_true", help="do not ask for the stack's name")
    return parser


def _preflight(asked: argparse.Namespace) -> int:
    environment = read_environment(read_text(ROOT, "samconfig.toml"), asked.env)
    findings = preflight(clients_of(asked.region or environment.region), environment, ROOT)
    print(as_json(findings) if asked.json else as_text(findings))
    return int(failed(findings))


def _teardown(asked: argparse.Namespace) -> int:
    confirmed = (lambda: True) if asked.yes else _typed(asked.stack)
    teardown(
        clients_of(asked.region),
        asked.stack,
        deletes_data=asked.data == "delete",
        confirmed=confirmed,
        clock=SystemClock(),
        say=_say,
    )
    return 0


def _typed(name: str) -> Callable[[], bool]:
    def confirmed() -> bool:
        try:
            return input(f"Type the stack's name to go on ({name}): ").strip() == name
        except EOFError:  # nobody is there who could type
            return False

    return confirmed


def _say(line: str) -> None:
    print(line, flush=True)
