"""Several runs of pytest side by side that share the files of tests: each is read and run by who comes to it first.

So runs that each need something of their own, such as a local cloud, end at about the same time, however long each file
takes; and no run reads what another one runs, for reading all tests takes as long as running many of them. Who shares
names one folder in ``SHARED_TEST_FILES``, which is empty when the first of them begins.
"""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

_HAS_TESTS: Final = "has_tests"


def folder_to_share_in(config: pytest.Config) -> Path | None:
    """Return where this run and others say which files they take; None when it shares with nobody."""
    named = os.environ.get("SHARED_TEST_FILES")
    return Path(named) if named and not config.option.collectonly else None


def run_shared(session: pytest.Session, folder: Path) -> None:
    """Run what no other run has taken, of the folders that pytest was given; nothing may be collected yet.

    Raises:
        pytest.Session.Failed: as many tests have failed as ``--maxfail`` says.
        pytest.Session.Interrupted: a plugin asked to stop.
    """
    items = _taken(session, folder)
    item = next(items, None)
    while item is not None:
        following = next(items, None)  # taken before this one is run, which then keeps what both need
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following


def end_shared(session: pytest.Session, folder: Path) -> None:
    """Let a run end well for which the others left nothing; it does not where none of them had a test either."""
    if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and any(folder.glob(f"*/{_HAS_TESTS}")):
        session.exitstatus = pytest.ExitCode.OK


class _Unread:
    """A plugin that lets folders be collected, with what their conftest.py say, and notes their files unread."""

    def __init__(self) -> None:
        """Nothing is noted yet."""
        self.files: list[pytest.File] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> pytest.CollectReport | None:
        """Say of a file that there is nothing in it."""
        if not isinstance(collector, pytest.File):
            return None
        self.files.append(collector)
        return pytest.CollectReport(collector.nodeid, "passed", None, [])


def _taken(session: pytest.Session, folder: Path) -> Iterator[pytest.Item]:
    """Take and read file after file, those that nobody has. What cannot be read counts as a failed test."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in _unread(session):
        mine = folder / sha256(bytes(file.path)).hexdigest()
        try:
            mine.mkdir()
        except FileExistsError:
            continue
        items = list(session.genitems(file))
        session.config.hook.pytest_collection_modifyitems(session=session, config=session.config, items=items)
        if items:
            (mine / _HAS_TESTS).touch()
        session.items.extend(items)
        session.testscollected = len(session.items)
        yield from items


def _unread(session: pytest.Session) -> list[pytest.File]:
    """Return the files of the folders that pytest was given."""
    unread, plugins, options = _Unread(), session.config.pluginmanager, session.config.option
    told, options.verbose = options.verbose, -1  # pytest would tell that it has collected nothing
    plugins.register(unread)
    try:
        session.perform_collect()
    finally:
        plugins.unregister(unread)
        options.verbose = told
    return unread.files
