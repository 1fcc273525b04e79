"""What can be done to calls at the :class:`~localcloud.edge.Edge`: small objects, each for the calls it is given."""

import json
import os
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from localcloud.calls import Call
from localcloud.edge import Answer, CutOff

Choice = Callable[[Call], bool]
TOO_MANY: Final = 429
_ESTABLISHED: Final = "01"
_GIVES_UP_SECONDS: Final = 300


def of(name: str, *, caller: str = "", says: bytes = b"") -> Choice:
    """Choose the calls of an operation such as ``iot:CreateJob``, of one caller, with these bytes in the body."""
    return lambda call: call.name == name and caller in {"", call.caller} and says in call.body


class _Rule(ABC):
    """Treats the chosen calls, at most ``times`` of them, and passes the others on."""

    def __init__(self, choice: Choice, *, times: int | None = None) -> None:
        self._choice = choice
        self._left = times
        self._lock = threading.Lock()
        self._treated = 0

    @property
    def treated(self) -> int:
        """How many calls were treated."""
        return self._treated

    def treat(self, call: Call, pass_on: Callable[[], Answer]) -> Answer:
        """See edge.Rule."""
        if not self._choice(call):
            return pass_on()
        with self._lock:
            if self._left == 0:
                return pass_on()
            self._left = None if self._left is None else self._left - 1
            self._treated += 1
        return self._interfere(call, pass_on)

    def _give_back(self) -> None:
        """Count a chosen call as one that was not treated."""
        with self._lock:
            self._left = None if self._left is None else self._left + 1
            self._treated -= 1

    @abstractmethod
    def _interfere(self, call: Call, pass_on: Callable[[], Answer]) -> Answer:
        """Answer a chosen call."""


class Throttle(_Rule):
    """Refuses calls as AWS does when there are too many; the cloud never sees them."""

    def _interfere(self, call: Call, pass_on: Callable[[], Answer]) -> Answer:
        del call, pass_on
        body = json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}).encode()
        headers = (("Content-Type", "application/json"), ("x-amzn-ErrorType", "ThrottlingException"))
        return Answer(TOO_MANY, headers, body)


class Hold(_Rule):
    """Holds calls back until it is released; then they go to the cloud."""

    def __init__(self, choice: Choice, *, times: int | None = None) -> None:
        """Hold every chosen call, or at most ``times`` of them."""
        super().__init__(choice, times=times)
        self._released = threading.Event()

    def release(self) -> None:
        """Let go of all that is held, and of all that comes."""
        self._released.set()

    def _interfere(self, call: Call, pass_on: Callable[[], Answer]) -> Answer:
        if not self._released.wait(_GIVES_UP_SECONDS):
            raise CutOff(call.name)
        return pass_on()


class Repeat(_Rule):
    """Delivers calls to the cloud twice; the caller gets the second answer."""

    def _interfere(self, call: Call, pass_on: Callable[[], Answer]) -> Answer:
        del call
        pass_on()
        return pass_on()


class KillCaller(_Rule):
    """Lets the cloud carry a call out, then kills the process that made it, before it learns of that.

    One that is refused for coming too soon is not carried out, and its answer is passed on. Only a function of the
    emulator ``parent`` (a process id) is killed. Linux only: the caller is found in /proc.
    """

    def __init__(self, choice: Choice, *, parent: int, times: int | None = 1) -> None:
        """Kill the caller of every chosen call, or of at most ``times`` of them."""
        super().__init__(choice, times=times)
        self._parent = parent

    def _interfere(self, call: Call, pass_on: Callable[[], Answer]) -> Answer:
        process = _process_at(call.address, self._parent)
        answer = pass_on()
        if answer.status == TOO_MANY:
            self._give_back()
            return answer
        os.kill(process, signal.SIGKILL)
        raise CutOff(call.name)


def _process_at(address: tuple[str, int], parent: int) -> int:
    """Return the child of ``parent`` that has this end of a TCP connection. Raises LookupError."""
    link = f"socket:[{_inode(address)}]"
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # ended meanwhile, or somebody else's
            if f"\nPPid:\t{parent}\n" in status.read_text() and any(
                str(descriptor.readlink()) == link for descriptor in status.with_name("fd").iterdir()
            ):
                return int(status.parent.name)
    message = f"no function of process {parent} has the connection from {address}"
    raise LookupError(message)


def _inode(address: tuple[str, int]) -> str:
    packed = "".join(f"{int(part):02X}" for part in reversed(address[0].split(".")))  # little-endian, as Linux shows it
    wanted = f"{packed}:{address[1]:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1] == wanted and fields[3] == _ESTABLISHED:
            return fields[9]
    message = f"there is no connection from {address}"
    raise LookupError(message)
