"""The agent's hold on its fork server: started early, or when it is first wanted; started again when it is gone."""

import atexit
import contextlib
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_START_SECONDS: Final = 30.0
_END_SECONDS: Final = 10.0
_THREADS: Final = Path("/proc/self/task")

_log = logging.getLogger(__name__)


class NoWorkers(Exception):
    """The device cannot start another process now; the message is a clause."""


class ForkServerProcess:
    """One fork server. Safe to use from several threads.

    :meth:`start_early` makes it by a fork, which shares with the agent what both have loaded. Otherwise, and when it is
    gone, it is a program of its own.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Nothing is started yet; the program would get this environment, the agent's own of now when absent."""
        self._environment = dict(os.environ if environment is None else environment)
        self._lock = threading.Lock()
        self._requests: socket.socket | None = None
        self._process: int | None = None

    @property
    def process(self) -> int | None:
        """Process id; None before the start."""
        return self._process

    def start_early(self) -> None:
        """Load what workers need, and fork it off this process, if that has no other thread yet.

        Else it is left to be started as a program. Nothing when there is one. To be called when all code is loaded that
        this process needs itself: what is loaded after the fork is not shared, and loading it writes to what was.
        """
        with self._lock:
            if self._requests is not None:
                return
            try:
                # the server's side: what workers need is loaded here, and shared by all processes
                from edge_agent.flows.workers import fork_server  # noqa: PLC0415

                fork_server.prepare_memory()
            except Exception:  # noqa: BLE001  whatever is wrong with it, jobs are still done, and one may mend it
                _log.exception("what flows need cannot be loaded")
                return
            if len(list(_THREADS.iterdir())) > 1:
                return
            ours, theirs = _packets()
            process = os.fork()
            if process == 0:
                ours.close()
                fork_server.ForkServer(theirs).serve(is_prepared=True)
            theirs.close()
            self._requests, self._process = ours, process

    def fork(self, number: int, channel: socket.socket, status: int) -> None:
        """Have a worker forked, with a channel and a pipe to tell of it; both stay open here.

        Raises:
            NoWorkers: there is no fork server, and none can be started.
        """
        request = json.dumps({"do": "fork", "id": number}).encode()
        reason = ""
        with self._lock:
            for _ in range(2):
                try:
                    socket.send_fds(self._running(), [request], [channel.fileno(), status])
                except OSError as error:
                    reason = error.strerror or str(error)
                    self._forget()
                else:
                    return
        message = f"the fork server cannot be reached: {reason}"
        raise NoWorkers(message)

    def kill(self, number: int) -> None:
        """End a worker at once; nothing when it has ended."""
        with self._lock, contextlib.suppress(OSError):
            if self._requests is not None:
                self._requests.send(json.dumps({"do": "kill", "id": number}).encode())

    def stop(self) -> None:
        """End it, and all its workers with it."""
        with self._lock:
            self._forget()

    def _running(self) -> socket.socket:
        if self._requests is None:
            ours, theirs = _packets()
            with theirs:
                command = [sys.executable, "-m", "edge_agent.flows.workers.fork_server", str(theirs.fileno())]
                actions = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), theirs.fileno())]
                self._process = os.posix_spawn(sys.executable, command, self._environment, file_actions=actions)
            self._requests = ours
        return self._requests

    def _forget(self) -> None:
        if self._requests is not None:
            self._requests.close()
            self._requests = None
        if self._process is not None:
            _wait_for_end(self._process)
            self._process = None


def _packets() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(_START_SECONDS)
    return ours, theirs


def _wait_for_end(process: int) -> None:
    until = time.monotonic() + _END_SECONDS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until:
            if os.waitpid(process, os.WNOHANG)[0]:
                return
            time.sleep(0.01)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


_shared: Final = ForkServerProcess()
atexit.register(_shared.stop)


def shared_fork_server() -> ForkServerProcess:
    """Return the fork server of this process, which serves all its agents."""
    return _shared
