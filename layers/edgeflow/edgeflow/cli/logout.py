"""``edgeflow logout``: forgets a profile, with its secret and its token."""

import typer

from edgeflow.cli.profiles import DEFAULT
from edgeflow.cli.screen import Screen
from edgeflow.cli.surroundings import Json, ProfileName, surroundings


def logout(ctx: typer.Context, *, as_json: Json = False, profile: ProfileName = DEFAULT) -> None:
    """Forget a profile, its secret and its token. A token that was got is good until it ends, at most an hour."""
    profiles = surroundings(ctx).profiles
    was_there = profiles.remove(profile)
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document({"profile": profile, "removed": was_there})
    else:
        what = "is forgotten" if was_there else "was not there"
        screen.line(f"the profile {profile!r} {what}")
