"""Forks workers. All that they need is loaded before; it has one thread, and never sees what they do.

Each request is one packet: ``fork`` with an id and two descriptors, the worker's channel and a pipe to tell of it; or
``kill`` with an id. Into the pipe go lines: the worker's process id, then what became of it, as
``os.waitstatus_to_exitcode`` has it; or ``error`` and a sentence.
When the agent is gone, the requests end, and so does everybody here.
"""

import codecs
import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

from edge_agent.flows.workers import worker
from edge_agent.flows.workers.code_pages import OTHERS_EVERY_SECONDS, give_back_pages, note_code
from edge_agent.flows.workers.filling import fill_free_places
from edge_agent.flows.workers.kernel import (
    adopt_orphans,
    children_of,
    end_with_parent,
    give_back_free_memory,
    use_one_arena,
)

MAX_REQUEST_BYTES: Final = 4_096
_END_SECONDS: Final = 5.0
_LOOKS_EVERY_SECONDS: Final = 0.02

Run = Callable[[socket.socket], None]
"""Lives a worker's life, with the channel to the agent."""


@dataclass(frozen=True, slots=True)
class _Worker:
    process: int
    status: int
    """Descriptor of the pipe by which the agent is told."""


def prepare_memory() -> None:
    """Load all that workers need, and have as much of it as possible stay shared by the processes after a fork.

    A page that is written to after the fork is copied. So the garbage collector never looks again at what is there now,
    and free memory is given back, or filled where it lies between objects: who used it again would copy what is there.
    """
    use_one_arena()
    worker.load_all()
    note_code()
    codecs.lookup("ascii")  # in which all of /proc is read; it is a module that is loaded when it is first named
    gc.collect()
    if sys.version_info < (3, 12):
        # Else a method that is looked up takes a place in the cache from another one, and writes to that one's name.
        sys._clear_type_cache()  # noqa: SLF001  it is documented
    fill_free_places()
    give_back_free_memory()
    give_back_pages()
    gc.freeze()


class ForkServer:
    """See the module. For a process that has one thread and does nothing else."""

    def __init__(self, requests: socket.socket, run: Run = worker.run) -> None:
        """Take requests from there; ``run`` is what workers do."""
        self._requests = requests
        self._run = run
        self._workers: dict[int, _Worker] = {}
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._reap_seconds: float | None = None
        self._rests = False

    def serve(self, *, is_prepared: bool) -> NoReturn:
        """Serve until the agent is gone, and end the process. Memory is prepared here, unless it is already."""
        self._set_up()
        if not is_prepared:
            prepare_memory()
        with selectors.DefaultSelector() as selector:
            selector.register(self._requests, selectors.EVENT_READ)
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select(self._patience())}
                self._rests = not ready and self._reap_seconds is None
                if self._rests:
                    give_back_pages()
                if self._wake_reader in ready:
                    with contextlib.suppress(BlockingIOError):
                        self._wake_reader.recv(MAX_REQUEST_BYTES)
                self._reap()
                if self._requests in ready and not self._take_request():
                    self._end()

    def _patience(self) -> float | None:
        """Return how long to wait for something to do, in seconds; None: for ever, as all there was to do is done."""
        if self._reap_seconds is not None:
            return self._reap_seconds
        return None if self._rests else OTHERS_EVERY_SECONDS

    def _set_up(self) -> None:
        with contextlib.suppress(OSError):
            os.setsid()  # what is typed at the agent's terminal is for the agent
        adopt_orphans()
        for each in (self._wake_reader, self._wake_writer):
            each.setblocking(False)
        # The agent says when all is over; a signal to all of a service must not come before that.
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, _take_notice)
        signal.set_wakeup_fd(self._wake_writer.fileno(), warn_on_full_buffer=False)

    def _take_request(self) -> bool:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._requests, MAX_REQUEST_BYTES, 2)
        except ConnectionError:
            return False
        if not data:
            return False
        request = json.loads(data)
        number = int(request["id"])
        if request["do"] == "fork":
            self._fork(number, *descriptors)
        elif number in self._workers:
            os.kill(self._workers[number].process, signal.SIGKILL)  # not waited for yet, so it is nobody else's id
        return True

    def _fork(self, number: int, channel: int, status: int) -> None:
        server = os.getpid()
        try:
            process = os.fork()
        except OSError as error:
            _tell(status, f"error {error.strerror}")
            os.close(status)
        else:
            if process == 0:
                self._become_worker(server, channel, status)
            self._workers[number] = _Worker(process, status)
            _tell(status, str(process))
        os.close(channel)

    def _become_worker(self, server: int, channel: int, status: int) -> NoReturn:
        code = 1
        try:
            end_with_parent(server)
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for descriptor in (status, *(each.status for each in self._workers.values())):
                os.close(descriptor)  # or the agent would not see their ends
            for each in (self._requests, self._wake_reader, self._wake_writer):
                each.close()
            self._workers.clear()
            with socket.socket(fileno=channel) as connection:
                self._run(connection)
            code = 0
        except BaseException:  # noqa: BLE001  nothing of a worker may go on as the fork server
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    def _reap(self) -> None:
        """Look at who has ended, tell of workers, and end what they have left behind."""
        by_process = {each.process: number for number, each in self._workers.items()}
        ended = False
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if process == 0:
                break
            ended = True
            number = by_process.get(process)
            if number is not None:
                known = self._workers.pop(number)
                _tell(known.status, str(os.waitstatus_to_exitcode(status)))
                os.close(known.status)
        if ended or self._reap_seconds is not None:
            left = self._kill_orphans()
            self._reap_seconds = _LOOKS_EVERY_SECONDS if left else None

    def _kill_orphans(self) -> int:
        known = {each.process for each in self._workers.values()}
        orphans = [process for process in children_of(os.getpid()) if process not in known]
        for process in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return len(orphans)

    def _end(self) -> NoReturn:
        for each in self._workers.values():
            os.kill(each.process, signal.SIGKILL)
        until = time.monotonic() + _END_SECONDS
        while time.monotonic() < until:
            self._reap()
            if not self._workers and not self._kill_orphans():
                break
            time.sleep(_LOOKS_EVERY_SECONDS)
        os._exit(0)


def _take_notice(*_: object) -> None:
    """Do nothing: that the signal came was written to the wake-up socket."""


def _tell(status: int, line: str) -> None:
    with contextlib.suppress(OSError):  # the agent does not care any more
        os.write(status, f"{line}\n".encode())


if __name__ == "__main__":
    ForkServer(socket.socket(fileno=int(sys.argv[1]))).serve(is_prepared=False)
