"""Several runs of pytest side by side that share the files of tests: each is run by the run that comes to it first.

So runs that each need something of their own, such as a local cloud, end at about the same time, however long each file
takes. Who shares names one folder in ``SHARED_TEST_FILES``, which is empty when the first of them begins.
"""

import os
from collections.abc import Iterator
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import pytest


def folder_to_share_in() -> Path | None:
    """Return where this run and others say which files they take; None when it shares with nobody."""
    named = os.environ.get("SHARED_TEST_FILES")
    return Path(named) if named else None


def run_shared(session: pytest.Session, folder: Path) -> None:
    """Run what no other run has taken.

    Raises:
        pytest.Session.Failed: as many tests have failed as ``--maxfail`` says.
        pytest.Session.Interrupted: a plugin asked to stop, or a file could not be read.
    """
    if session.testsfailed and not session.config.option.continue_on_collection_errors:
        message = f"{session.testsfailed} errors while tests were collected"
        raise session.Interrupted(message)
    items = _taken(session.items, folder)
    item = next(items, None)
    while item is not None:
        following = next(items, None)  # taken before this one is run, which then keeps what both need
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following


def _taken(items: list[pytest.Item], folder: Path) -> Iterator[pytest.Item]:
    """Take file after file, those that nobody has."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, of_file in groupby(items, key=lambda item: item.path):
        try:
            (folder / sha256(bytes(path)).hexdigest()).mkdir()
        except FileExistsError:
            continue
        yield from of_file
