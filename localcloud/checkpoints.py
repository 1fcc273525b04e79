"""Saves MiniStack's state every few seconds while there are changes; by itself it does so at a clean stop alone.

MiniStack 1.5.33 writes its state when it is told to end. After a kill, a crash or a lack of memory the cloud was then
what it had been at its last clean stop, or empty: deployments that ran were not failed but gone. Here the state is also
saved by a copy of the process, as Redis does it: a copy has everything at one instant, and the process itself is held
up for some milliseconds only. What the last seconds before a kill wrote is still lost.

A stack that is being changed is not saved, at a clean stop neither: nobody would ever finish its change. The cloud
starts again from before it, and the deployment is repeated. tests/integration/test_checkpoints.py runs the emulator
without this and fails as soon as it can do it by itself: this module and its call in launcher.py go then.
"""

import asyncio
import fcntl
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from ministack import app
from ministack.core import persistence
from ministack.services import cloudformation

LOOKS_EVERY_SECONDS: Final = 0.5
EVERY_SECONDS: Final = 2.0
SHARE_OF_A_CORE: Final = 0.1
"""At most this part of one processor core is spent on saving, however much there is to save."""
TOO_LONG_SECONDS: Final = 30
_NOT_BEGUN: Final = "REVIEW_IN_PROGRESS"  # a stack that is only planned; it can stay so for ever
_KEPT_DESCRIPTORS: Final = 3  # standard input, output and error

_log = logging.getLogger("localcloud.checkpoints")
_Save = Callable[[Mapping[str, Callable[[], Any]]], None]


def install() -> None:
    """Wrap the emulator's way of answering, loading and saving. Call it once, before the emulator starts."""
    answer, load = app.app, app._load_persisted_state  # noqa: SLF001  the emulator has no hook for this
    checkpoints = _Checkpoints(app.save_all)

    async def answer_and_note(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401  ASGI's own
        try:
            await answer(scope, receive, send)
        finally:
            checkpoints.note_request()

    def load_and_begin() -> None:
        with _alone():  # the copy of a process that was killed may still be saving
            load()
        checkpoints.begin()

    app.app = answer_and_note
    app._load_persisted_state = load_and_begin  # noqa: SLF001
    app.save_all = checkpoints.save_at_the_end


class _Checkpoints:
    """At most one copy of the process saves at a time. Whatever changes comes with a request."""

    def __init__(self, save: _Save) -> None:
        self._save = save
        self._requests = 0
        self._saved = 0
        """Requests that are in what is saved."""
        self._saving = 0
        self._copy: int | None = None
        self._not_before = 0.0

    def note_request(self) -> None:
        self._requests += 1

    def begin(self) -> None:
        """Look for changes from now on, between two requests: never in the middle of one."""
        loop = asyncio.get_running_loop()

        def look() -> None:
            self._look()
            loop.call_later(LOOKS_EVERY_SECONDS, look)

        loop.call_later(LOOKS_EVERY_SECONDS, look)

    def save_at_the_end(self, services: Mapping[str, Callable[[], Any]]) -> None:
        """Save as the emulator does when it ends, alone."""
        if self._copy is not None:
            os.kill(self._copy, signal.SIGKILL)  # it writes the same files
            os.waitpid(self._copy, 0)
            self._copy = None
        if _is_changing_a_stack():
            _log.warning("a stack is being changed: the state stays as it was saved before that")
        else:
            self._save(services)

    def _look(self) -> None:
        if self._copy is not None and not self._has_ended(self._copy):
            return
        is_due = self._requests != self._saved and time.monotonic() >= self._not_before
        if not is_due or _is_changing_a_stack():
            return
        self._saving = self._requests
        self._copy = os.fork()
        if self._copy == 0:
            self._save_as_copy()

    def _has_ended(self, copy: int) -> bool:
        ended, status, used = os.wait4(copy, os.WNOHANG)
        if ended == 0:
            return False
        self._copy = None
        # Not by how long it took: that is long when others keep the machine busy, and says nothing of what it cost.
        pause = max(EVERY_SECONDS, (used.ru_utime + used.ru_stime) / SHARE_OF_A_CORE)
        self._not_before = time.monotonic() + pause
        if status == 0:
            self._saved = self._saving
        else:
            _log.error("the state could not be saved (status %s); another try follows", status)
        return True

    def _save_as_copy(self) -> None:
        """Run in the copy, which does nothing else and never returns to the loop it was copied from."""
        code = 1
        try:
            for descriptor in [int(entry.name) for entry in Path("/dev/fd").iterdir()]:
                if descriptor >= _KEPT_DESCRIPTORS:
                    with suppress(OSError):  # the one that the list was read by
                        os.close(descriptor)  # a port must not be held after the process itself was killed
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(TOO_LONG_SECONDS)  # a lock that was held when the copy was made is never given back
            logging.disable(logging.INFO)
            with _alone():
                self._save(app._build_persistence_save_dict())  # noqa: SLF001
            code = 0
        finally:
            os._exit(code)


@contextmanager
def _alone() -> Iterator[None]:
    """Let no other process save or load the same state."""
    folder = Path(persistence.STATE_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_changing_a_stack() -> bool:
    stacks = cloudformation._stacks.all_values()  # noqa: SLF001
    return any(stack["StackStatus"].endswith("_IN_PROGRESS") for stack in stacks if stack["StackStatus"] != _NOT_BEGUN)
