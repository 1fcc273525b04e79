"""Links between workers: what one sends goes to those that listen to the name, and to nobody else."""

from typing import Final

from edge_agent.flows.workers.process import WorkerProcess

MAX_NAMES: Final = 1_000


class LinkRouter:
    """Who listens to which name. For the hub's thread alone."""

    def __init__(self) -> None:
        self._listeners: dict[WorkerProcess, set[str]] = {}

    def join(self, process: WorkerProcess) -> None:
        """Take a process in; it listens to nothing yet."""
        self._listeners[process] = set()

    def leave(self, process: WorkerProcess) -> None:
        """Forget a process."""
        if self._listeners.pop(process, None):
            self._tell()

    def heard(self, process: WorkerProcess | None = None) -> tuple[str, ...]:
        """Return the names that others than this process listen to."""
        return tuple(sorted({name for each, names in self._listeners.items() if each is not process for name in names}))

    def listen(self, process: WorkerProcess, name: str, *, on: bool) -> None:
        """Note that a process listens to a name, or no longer."""
        names = self._listeners.get(process)
        if names is None or (on and len(names) >= MAX_NAMES):
            return
        if on:
            names.add(name)
        else:
            names.discard(name)
        self._tell()

    def send(self, sender: WorkerProcess, name: str, body: bytes) -> None:
        """Hand a message to all others that listen to the name; one that does not read in time loses it."""
        for process, names in self._listeners.items():
            if process is not sender and name in names:
                process.say({"kind": "link", "name": name}, body, must=False)

    def _tell(self) -> None:
        for process in self._listeners:
            process.say({"kind": "heard", "names": self.heard(process)})
