"""Draws a machine's graph as SVG: its states, the ways between them, and what runs side by side."""

import itertools
from collections.abc import Iterator
from html import escape
from typing import Any, Final

from statemachines.asl import Definition, State, States
from statemachines.layout import Edge, Layout, Size, lay_out

LETTER: Final = 7.4
"""Pixels a letter of a state's name takes."""
BOX_HEIGHT: Final = 34
MARGIN: Final = 24
TITLE_HEIGHT: Final = 30
LABEL_AT: Final = 13
"""Pixels below a state at which the ways that leave it are labelled, each some pixels lower than the one before."""
LABEL_HEIGHT: Final = 11
LOOP_GAP: Final = 22
"""Pixels between lines that lead up again, at the left of everything else."""
COLOURS: Final = {
    "Task": ("#dbeafe", "#1d4ed8"),
    "Wait": ("#fef3c7", "#b45309"),
    "Choice": ("#ede9fe", "#6d28d9"),
    "Pass": ("#f3f4f6", "#4b5563"),
    "Succeed": ("#dcfce7", "#15803d"),
    "Fail": ("#fee2e2", "#b91c1c"),
    "Parallel": ("#ffffff", "#6b7280"),
}
"""Of each kind of state: its ground, and its frame."""
SIGNS: Final = {
    "NumericGreaterThan": ">",
    "NumericLessThan": "<",
    "NumericGreaterThanEquals": "≥",
    "NumericLessThanEquals": "≤",
    "StringMatches": "like",
}
HEAD: Final = (
    '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="#6b7280"/></marker>'
)


def draw(definition: Definition) -> str:
    """Return the graph, without the lines to ``ConcludeBroken``, to which errors that nothing else catches lead."""
    graph = _Graph(definition["StartAt"], definition["States"])
    left = MARGIN + LOOP_GAP * len(graph.layout.back)
    width, height = graph.size.width + left + MARGIN, graph.size.height + 2 * MARGIN
    parts = "\n".join(graph.parts(left, MARGIN))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
        f' height="{height:.0f}" font-family="sans-serif" font-size="13">\n'
        f"<title>{escape(definition['Comment'])}</title>\n<defs>{HEAD}</defs>\n"
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{parts}\n</svg>\n'
    )


class _Graph:
    """States that belong together: those of a machine, or of one branch."""

    def __init__(self, start: str, states: States) -> None:
        self.states = states
        self.inner = {
            name: [_Graph(branch["StartAt"], branch["States"]) for branch in state["Branches"]]
            for name, state in states.items()
            if state["Type"] == "Parallel"
        }
        self.sizes = {name: self._size(name) for name in states}
        self.edges = [edge for name, state in states.items() for edge in _edges(name, state)]
        self.layout: Layout = lay_out(self.sizes, self.edges, start)
        self.size = self.layout.size

    def _size(self, name: str) -> Size:
        width = len(name) * LETTER + 2 * 12
        if name not in self.inner:
            return Size(width, BOX_HEIGHT)
        inner = [graph.size for graph in self.inner[name]]
        across = sum(size.width for size in inner) + MARGIN * (len(inner) + 1)
        return Size(max(width, across), max(size.height for size in inner) + TITLE_HEIGHT + MARGIN)

    def parts(self, left: float, top: float) -> Iterator[str]:
        for edge in self.edges:
            yield from self._edge(edge, left, top)
        for name, state in self.states.items():
            yield from self._state(name, state, left, top)

    def _state(self, name: str, state: State, left: float, top: float) -> Iterator[str]:
        size = self.sizes[name]
        x, y = self._centre(name, left, top)
        ground, frame = COLOURS[state["Type"]]
        round_off = size.height / 2 if state["Type"] in {"Succeed", "Fail"} else 5
        dashed = ' stroke-dasharray="5 4"' if name in self.inner else ""
        yield (
            f"<g><title>{escape(state['Comment'])}</title>"
            f'<rect x="{x - size.width / 2:.1f}" y="{y - size.height / 2:.1f}" width="{size.width:.1f}"'
            f' height="{size.height:.1f}" rx="{round_off:.0f}" fill="{ground}" stroke="{frame}"{dashed}/>'
        )
        at = y - size.height / 2 + 20 if name in self.inner else y + 4.5
        yield f'<text x="{x:.1f}" y="{at:.1f}" text-anchor="middle">{escape(name)}</text></g>'
        inside = x - size.width / 2 + MARGIN
        for graph in self.inner.get(name, []):
            yield from graph.parts(inside, y - size.height / 2 + TITLE_HEIGHT)
            inside += graph.size.width + MARGIN

    def _edge(self, edge: Edge, left: float, top: float) -> Iterator[str]:
        loop = edge in self.layout.back
        points = list(self._round(edge, left, top) if loop else self._down(edge, left, top))
        path = f"M{_at(points[0])}" + "".join(
            f"C{_at((x0, (y0 + y1) / 2))} {_at((x1, (y0 + y1) / 2))} {_at((x1, y1))}"
            for (x0, y0), (x1, y1) in itertools.pairwise(points)
        )
        yield f'<path d="{path}" fill="none" stroke="#6b7280" marker-end="url(#head)"/>'
        if edge.label:
            below = LABEL_AT + LABEL_HEIGHT * (self._port(edge)[0] % 4)
            x, y = points[0][0], points[0][1] + below
            yield (
                f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="10" fill="#4b5563"'
                f' stroke="#ffffff" stroke-width="3" paint-order="stroke">{escape(edge.label)}</text>'
            )

    def _down(self, edge: Edge, left: float, top: float) -> Iterator[tuple[float, float]]:
        yield self._leaves(edge, left, top)
        for x, y in self.layout.bends[edge]:
            yield left + x, top + y
        x, y = self._centre(edge.target, left, top)
        yield x, y - self.sizes[edge.target].height / 2

    def _round(self, edge: Edge, left: float, top: float) -> Iterator[tuple[float, float]]:
        """Lead up again beside everything else."""
        x, y = self._leaves(edge, left, top)
        yield x, y
        beside = left - LOOP_GAP * (1 + sorted(self.layout.back, key=str).index(edge))
        yield beside, y - self.sizes[edge.source].height - LABEL_AT
        to_x, to_y = self._centre(edge.target, left, top)
        to_y -= self.sizes[edge.target].height / 2
        yield beside, to_y
        yield to_x - self.sizes[edge.target].width / 4, to_y

    def _leaves(self, edge: Edge, left: float, top: float) -> tuple[float, float]:
        x, y = self._centre(edge.source, left, top)
        size = self.sizes[edge.source]
        place, of = self._port(edge)
        return x + size.width * ((place + 1) / (of + 1) - 0.5), y + size.height / 2

    def _port(self, edge: Edge) -> tuple[int, int]:
        """Return which of the ways that leave its state an edge is, from the left, and of how many."""
        ways = [way for way in self.edges if way.source == edge.source]
        ways.sort(key=self._heads_for)
        return ways.index(edge), len(ways)

    def _heads_for(self, edge: Edge) -> float:
        if edge in self.layout.back:
            return float("-inf")
        bends = self.layout.bends[edge]
        return bends[0][0] if bends else self.layout.centres[edge.target][0]

    def _centre(self, name: str, left: float, top: float) -> tuple[float, float]:
        x, y = self.layout.centres[name]
        return left + x, top + y


def _at(point: tuple[float, float]) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _edges(name: str, state: State) -> Iterator[Edge]:
    for way in state.get("Choices", []):
        yield Edge(name, way["Next"], _condition(way))
    if "Default" in state:
        yield Edge(name, state["Default"], "else")
    if "Next" in state and state["Type"] != "Parallel":
        yield Edge(name, state["Next"])
    for catcher in state.get("Catch", []):
        if catcher["ErrorEquals"] != ["States.ALL"]:
            for error in catcher["ErrorEquals"][:1]:
                more = [other.rpartition(".")[2] for other in catcher["ErrorEquals"][1:]]
                yield Edge(name, catcher["Next"], ", ".join([error.rpartition(".")[2], *more]))


def _condition(way: dict[str, Any]) -> str:
    if "Not" in way:
        return f"not {_condition(way['Not'])}"
    name = way["Variable"].rpartition(".")[2].removesuffix("_seconds")
    (operator,) = set(way) - {"Variable", "Next"}
    value = way[operator]
    if operator in {"StringEquals", "BooleanEquals", "IsPresent"}:
        return str(value) if operator == "StringEquals" else name
    compared = value.rpartition(".")[2] if isinstance(value, str) else value
    return f"{name} {SIGNS[operator.removesuffix('Path')]} {compared}"
