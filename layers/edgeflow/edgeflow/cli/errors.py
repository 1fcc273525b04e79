"""Errors become one sentence on standard error and an exit code, never a traceback."""

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from edgeflow.cli.exits import Exit
from edgeflow.cli.printable import printable
from edgeflow.client import EdgeFlowError, InvalidArgument, TimedOut


class CommandFailed(EdgeFlowError):
    """A command cannot be carried out; the message says why and what helps."""


class Commands(TyperGroup):
    """The commands. What goes wrong in one of them ends here."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  a context of Typer's own kind
        """Carry a command out."""
        try:
            return super().invoke(ctx)
        except EdgeFlowError as error:
            _say(str(error))
            raise typer.Exit(_code(error)) from None
        except KeyboardInterrupt:
            _say("stopped here; what was asked of EdgeFlow goes on")
            raise typer.Exit(Exit.INTERRUPTED) from None


def _code(error: EdgeFlowError) -> Exit:
    match error:
        case InvalidArgument():
            return Exit.USAGE
        case TimedOut():
            return Exit.TIMED_OUT
        case _:
            return Exit.ERROR


def _say(sentence: str) -> None:
    print(f"edgeflow: {printable(sentence)}", file=sys.stderr)  # noqa: T201  that is what a command line is for
