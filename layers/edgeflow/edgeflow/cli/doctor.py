"""``edgeflow doctor``: what keeps the command line from working, each with what helps."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import typer

from edgeflow.cli.exits import Exit
from edgeflow.cli.profiles import DEFAULT
from edgeflow.cli.screen import Screen
from edgeflow.cli.surroundings import Json, ProfileName, surroundings
from edgeflow.client import Client, EdgeFlowError
from edgeflow.client.auth import SCOPES
from edgeflow.client.checks import API_VERSION

CLOCK_MAY_DIFFER: Final = timedelta(seconds=60)
"""Tokens are renewed a minute before their end; a clock that is further off would send ended ones."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. ``ok`` is None where it could not be told."""

    check: str
    ok: bool | None
    detail: str


def doctor(ctx: typer.Context, *, as_json: Json = False, profile: ProfileName = DEFAULT) -> None:
    """Look whether the API can be reached, the token is taken, and clocks and versions agree. Nothing is changed."""
    around = surroundings(ctx)
    try:
        with around.client(profile) as client:
            checks = list(_examine(client, around.now))
    except EdgeFlowError as error:  # nobody has signed in, or the address is none
        checks = [Check("sign-in", ok=False, detail=str(error))]
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document({"checks": [asdict(each) for each in checks]})
    else:
        for each in checks:
            word = {True: "ok", False: "BAD", None: "?"}[each.ok]
            screen.line(f"{word:<4}{each.check:<9}{each.detail}")
    if any(each.ok is False for each in checks):
        raise typer.Exit(Exit.ERROR)


def _examine(client: Client, now: Callable[[], datetime]) -> Iterator[Check]:
    try:
        about = client.checks.about()
    except EdgeFlowError as error:
        yield Check("API", ok=False, detail=str(error))
        return
    yield Check("API", ok=True, detail="it answers")
    same = about.version == API_VERSION
    told = f"{about.version}, and this release is made for {API_VERSION}" + (
        "" if same else ": install the stack's release"
    )
    yield Check("version", ok=same, detail=told)
    yield _clock(about.clock, now())
    try:
        grant = client.checks.grant()
    except EdgeFlowError as error:
        yield Check("token", ok=False, detail=str(error))
        return
    ends = "" if grant.expires_at is None else f" and ends at {grant.expires_at:%Y-%m-%dT%H:%M:%SZ}"
    yield Check("token", ok=True, detail=f"it is taken{ends}")
    yield _scopes(grant.scopes)


def _clock(theirs: datetime | None, ours: datetime) -> Check:
    if theirs is None:
        return Check("clock", ok=None, detail="the API does not say what time it is")
    apart = abs(ours.astimezone(UTC) - theirs)
    if apart <= CLOCK_MAY_DIFFER:
        return Check("clock", ok=True, detail=f"{apart.total_seconds():.0f} s apart")
    return Check("clock", ok=False, detail=f"{apart.total_seconds():.0f} s apart: set this machine's clock")


def _scopes(granted: tuple[str, ...] | None) -> Check:
    if granted is None:
        return Check("scopes", ok=None, detail="the token does not say which it has")
    missing = [scope for scope in SCOPES if scope not in granted]
    if not missing:
        return Check("scopes", ok=True, detail=", ".join(SCOPES))
    return Check("scopes", ok=False, detail=f"{', '.join(missing)} missing: commands that need them will be refused")
