"""Programs that the device runs for a flow, and ends with all they have started."""

import asyncio
import contextlib
import os
import selectors
import signal
import subprocess
import threading
from collections.abc import Sequence
from typing import IO, Final

from edge_agent.flows.builtin.deadline import Deadline
from edge_agent.flows.builtin.threads import in_thread

MAX_OUTPUT_BYTES: Final = 4_096
"""So much of what a program says is kept; its last line explains why it failed."""
_REAP_SECONDS: Final = 1.0
"""A program that was killed ends at once, unless it hangs in the kernel."""


async def run_program(command: Sequence[str], deadline: Deadline) -> tuple[int, bytes]:
    """Run a program without a shell, until it has ended and nobody writes to its output any more.

    Whatever it has started gets SIGKILL in the end, unless that made a session of its own; so does the program when it
    takes too long or nobody waits for it any more.

    Returns:
        What it ended with, negative for a signal, and the end of what it said.

    Raises:
        OSError: it cannot be run; TimeoutError: its output has not ended by the deadline, or it has not.
        RuntimeError: the flow has no thread for it.
    """
    program = _Program(command, deadline)
    try:
        return await in_thread(program.run)
    except asyncio.CancelledError:
        program.end()
        raise


class _Program:
    def __init__(self, command: Sequence[str], deadline: Deadline) -> None:
        self._command = command
        self._deadline = deadline
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = True

    def run(self) -> tuple[int, bytes]:
        with self._lock:
            if not self._wanted:
                message = "nobody waits for it any more"
                raise TimeoutError(message)
            # Not asyncio's: one that is cancelled while it starts, or whose pipe a grandchild holds, never comes back.
            self._process = process = subprocess.Popen(  # noqa: S603  the device's settings name it
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            said = self._read_end(process.stdout) if process.stdout is not None else b""
            return process.wait(self._deadline.left()), said
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(str(error)) from None
        finally:
            self.end()
            if process.stdout is not None:
                process.stdout.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_REAP_SECONDS)

    def end(self) -> None:
        """End it with all that it has started, or let it never begin. From any thread."""
        with self._lock:
            self._wanted = False
            if self._process is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def _read_end(self, output: IO[bytes]) -> bytes:
        said = b""
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while True:
                if not selector.select(self._deadline.left()):
                    continue
                piece = os.read(output.fileno(), MAX_OUTPUT_BYTES)
                if not piece:
                    return said
                said = (said + piece)[-MAX_OUTPUT_BYTES:]
