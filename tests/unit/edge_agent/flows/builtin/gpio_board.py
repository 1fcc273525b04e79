"""A board of GPIO lines: its wires are set, heard and cut by the test."""

import errno
from collections import defaultdict

from edge_agent.flows.builtin.gpio import Drive, Edge, GpioError, InputSetup, Line


class Board:
    """A driver whose lines are wires in memory. As with the kernel, a line has one user."""

    def __init__(self) -> None:
        self.levels: dict[Line, bool] = defaultdict(bool)
        self.history: list[tuple[int | str, bool | str]] = []
        self.setups: list[InputSetup | Drive] = []
        self.missing: set[int | str] = set()
        self.cut = False
        self.users: dict[Line, Wire] = {}

    def open_input(self, line: Line, setup: InputSetup) -> "Wire":
        self._take(line)
        self.setups.append(setup)
        wire = self.users[line] = Wire(self, line)
        return wire

    def open_output(self, line: Line, drive: Drive, *, high: bool) -> "Wire":
        self._take(line)
        self.setups.append(drive)
        wire = self.users[line] = Wire(self, line)
        wire.set(high=high)
        return wire

    def _take(self, line: Line) -> None:
        assert line not in self.users, "the kernel gives a line to one user"
        if line.line in self.missing or self.cut:
            message = f"The line {line} cannot be used: the chip has no such line."
            raise GpioError(message)

    def change(self, line: int | str, *levels: bool, chip: str = "/dev/gpiochip0") -> None:
        """Bring these levels to the wire, one after the other."""
        place = Line(chip, line)
        for high in levels:
            self.levels[place] = high
            if place in self.users:
                self.users[place].hear(high=high)


class Wire:
    """An open line, to read or to drive."""

    def __init__(self, board: Board, line: Line) -> None:
        self._board = board
        self._line = line
        self._edges: list[Edge] = []
        self.number = 0

    def hear(self, *, high: bool) -> None:
        self.number += 1
        self._edges.append(Edge(high=high, number=self.number))

    def level(self) -> bool:
        self._check()
        return self._board.levels[self._line]

    def edges(self) -> list[Edge]:
        self._check()
        edges, self._edges = self._edges, []
        return edges

    def set(self, *, high: bool) -> None:
        self._check()
        self._board.levels[self._line] = high
        self._board.history.append((self._line.line, high))

    def close(self) -> None:
        del self._board.users[self._line]
        self._board.history.append((self._line.line, "closed"))

    def _check(self) -> None:
        if self._board.cut:
            raise OSError(errno.ENODEV, "No such device")
