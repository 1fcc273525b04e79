"""Options that commands which list have in common, and what they ask the API for."""

from collections.abc import Callable, Iterable
from typing import Annotated, Final, TypeVar

import typer

from edgeflow.client.session import checked
from edgeflow.contract.rest.creation import SortName
from edgeflow.contract.rest.paging import MAX_LIMIT, PageQuery

NEWEST: Final[SortName] = "newest"

CreatedFrom = Annotated[
    str | None,
    typer.Option(metavar="MOMENT", help="Only what was created then or later, such as 2026-02-21T12:00:00Z."),
]
CreatedTo = Annotated[str | None, typer.Option(metavar="MOMENT", help="Only what was created before then.")]
Sort = Annotated[SortName, typer.Option(help="Which come first.")]

_Query = TypeVar("_Query", bound=PageQuery)


def query_of(model: type[_Query], **given: object) -> _Query:
    """Return what a list is asked for, of the options that are given, in pages as long as they may be.

    Raises InvalidArgument.
    """
    return checked(model, {name: value for name, value in given.items() if value is not None} | {"limit": MAX_LIMIT})


def one_of_several(names: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what completes the last of several names with commas between them."""
    known = tuple(names)

    def complete(incomplete: str) -> list[str]:
        before, comma, begun = incomplete.rpartition(",")
        taken = before.split(",")
        return [f"{before}{comma}{name}" for name in known if name.startswith(begun) and name not in taken]

    return complete
