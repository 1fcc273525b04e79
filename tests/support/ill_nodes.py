"""Node types that harm the process they run in, as a package could bring them; and one that counts."""

import ctypes
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Final, Literal

from pydantic import Field

from edge_agent.flows.builtin.nodes.base import Emit, Node, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.base import NodeSettings

HOG_BYTES: Final = 4 * 1024 * 1024
HOG_SECONDS: Final = 0.1
MODULE: Final = "tests.support.ill_nodes"


class IllSettings(NodeSettings):
    """What it does, from which start of its process on, and how many seconds after that."""

    does: Literal["hang", "hog", "exit", "crash", "orphan"] = "exit"
    from_start: int = Field(default=1, ge=1)
    after: float = Field(default=0, ge=0)


class IllNode(Node[IllSettings]):
    """Does it. How often it was started is counted in the flow's folder, beside which it also notes what it began."""

    settings_type: ClassVar[type[NodeSettings]] = IllSettings
    takes_messages: ClassVar[bool] = False

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  there is no output
        """Begin, if it is time."""
        folder = self.environment.context.files or Path()
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "starts").open("a", encoding="ascii") as file:
            file.write(".")
        if (folder / "starts").stat().st_size >= self.settings.from_start:
            self._schedule = schedule
            schedule.after(self.settings.after, _DOES[self.settings.does](self))

    def hang(self) -> None:
        """Hold the interpreter's lock in C code."""
        ctypes.PyDLL(None).sleep(3_600)

    def hog(self) -> None:
        """Take memory, and more and more of it."""
        self._held: list[bytes] = [*getattr(self, "_held", ()), b"x" * HOG_BYTES]
        self._schedule.after(HOG_SECONDS, self.hog)

    def exit(self) -> None:
        """End the process."""
        os._exit(7)

    def crash(self) -> None:
        """End it as a fault in C code does."""
        ctypes.string_at(0)

    def orphan(self) -> None:
        """Begin a program that outlives this process, and end."""
        child = os.posix_spawnp("sleep", ["sleep", "3600"], os.environ)
        folder = self.environment.context.files or Path()
        (folder / "orphan").write_text(str(child), encoding="ascii")
        os._exit(7)


_DOES: Final[Mapping[str, Callable[[IllNode], Callable[[], None]]]] = {
    "hang": lambda node: node.hang,
    "hog": lambda node: node.hog,
    "exit": lambda node: node.exit,
    "crash": lambda node: node.crash,
    "orphan": lambda node: node.orphan,
}


class CounterSettings(NodeSettings):
    """How often it counts, in seconds."""

    every: float = Field(default=0.02, ge=0.001)


class CounterNode(Node[CounterSettings]):
    """Sends 1, 2, 3, and so on."""

    settings_type: ClassVar[type[NodeSettings]] = CounterSettings
    takes_messages: ClassVar[bool] = False

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Begin to count."""
        self._count = 0

        def count() -> None:
            self._count += 1
            emit(Message(payload=self._count, source=self.environment.node_id))

        schedule.every(self.settings.every, count)


def as_package(folder: Path, nodes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Make a package of node types in a folder; returns the environment of a program that has it installed."""
    places = nodes or {"ill": f"{MODULE}:IllNode", "counter": f"{MODULE}:CounterNode"}
    info = folder / "ill_nodes-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ill-nodes\nVersion: 1\n", encoding="utf-8")
    lines = [f"{name} = {place}" for name, place in places.items()]
    (info / "entry_points.txt").write_text("\n".join(["[edgeflow.nodes]", *lines, ""]), encoding="utf-8")
    root = Path(__file__).parents[2]
    path = [str(folder), str(root), str(root / "layers" / "edgeflow")]
    return os.environ | {"PYTHONPATH": ":".join(path)}
