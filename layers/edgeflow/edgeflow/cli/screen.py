"""What a command prints: one JSON document, or text and tables for people."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edgeflow.cli.printable import printable

_WIDTH_OF_FILES: Final = 10_000
"""Columns where no terminal is: lines are not broken."""


class Screen:
    """Standard output. With ``as_json`` nothing is printed but the one document; lines go to standard error."""

    def __init__(self, *, as_json: bool, console: Console | None = None) -> None:
        """Print to what standard output and standard error are now, or to a console that is given."""
        self.as_json = as_json
        self._out = console or _console(sys.stdout)
        self._lines = _console(sys.stderr) if as_json else self._out

    @property
    def live(self) -> Console | None:
        """Where a live picture can be drawn; None where lines are what fits."""
        return self._out if self._out.is_terminal and not self.as_json else None

    def line(self, text: str) -> None:
        """Print a line for people."""
        self._lines.print(Text(printable(text)))

    def document(self, document: BaseModel | dict[str, Any]) -> None:
        """Print the JSON document, which is all that is printed."""
        body = document.model_dump(mode="json") if isinstance(document, BaseModel) else document
        sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=False) + "\n")

    def entries(self, name: str, found: Iterable[BaseModel], columns: Sequence[str]) -> None:
        """Print a list as ``{name: […]}``, or as a table of these columns; ``a.b`` is key ``b`` of what ``a`` is."""
        listed = [each.model_dump(mode="json") for each in found]
        if self.as_json:
            self.document({name: listed})
        elif listed:
            self.table(columns, [[_at(each, column) for column in columns] for each in listed])
        else:
            self.line(f"no {name}")

    def fields(self, view: BaseModel, names: Sequence[str]) -> None:
        """Print the whole view as JSON, or these fields of it, one a line."""
        if self.as_json:
            self.document(view)
            return
        body = view.model_dump(mode="json")
        width = max(map(len, names))
        for name in names:
            self.line(f"{name:<{width}}  {cell(body.get(name))}")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(Text(column), overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell(value)) for value in row))
        self._lines.print(table)


def cell(value: object) -> str:
    """Return a value as a table shows it."""
    match value:
        case None | "" | []:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(cell, value))
        case dict():
            return ", ".join(f"{name}={cell(inner)}" for name, inner in value.items()) or "-"
        case _:
            return printable(str(value))


def _at(entry: dict[str, Any], column: str) -> object:
    """Return what an entry has under a column's name, None where there is no such thing."""
    name, dot, rest = column.partition(".")
    value = entry.get(name)
    if not dot:
        return value
    return _at(value, rest) if isinstance(value, dict) else None


def _console(file: Any) -> Console:  # noqa: ANN401  a stream, whatever its class
    is_terminal = file.isatty()
    return Console(
        file=file, highlight=False, markup=False, emoji=False, width=None if is_terminal else _WIDTH_OF_FILES
    )
