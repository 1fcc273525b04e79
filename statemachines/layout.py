"""Where the states of a machine stand in a drawing: in layers, each below whatever leads to it, with few crossings."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

GAP_ACROSS: Final = 28
GAP_DOWN: Final = 58
SWEEPS: Final = 12
BEND_WIDTH: Final = 6
"""Pixels that an edge takes up where it passes a layer."""


@dataclass(frozen=True)
class Size:
    """Pixels."""

    width: float
    height: float


@dataclass(frozen=True)
class Edge:
    """A way from one state to another; ``label`` says when it is taken."""

    source: str
    target: str
    label: str = ""


@dataclass
class Layout:
    """Centres of states, and the points at which an edge passes the layers between its ends."""

    size: Size
    centres: dict[str, tuple[float, float]] = field(default_factory=dict)
    bends: dict[Edge, list[tuple[float, float]]] = field(default_factory=dict)
    back: set[Edge] = field(default_factory=set)
    """Edges that lead up again: those of a loop."""


def lay_out(sizes: Mapping[str, Size], edges: list[Edge], start: str) -> Layout:
    """Place states of these sizes; each is reached from ``start``, or stands beside it."""
    back = _back_edges(edges, [start, *sizes])
    forward = [edge for edge in edges if edge not in back]
    ranks = _ranks(sizes, forward)
    chains = {edge: _chain(edge, ranks) for edge in forward}
    layers: list[list[str]] = [[] for _ in range(max(ranks.values()) + 1)]
    for name, rank in ranks.items():
        layers[rank].append(name)
    links: list[tuple[str, str]] = []
    for edge, chain in chains.items():
        for place, bend in enumerate(chain):
            layers[ranks[edge.source] + 1 + place].append(bend)
        stops = [edge.source, *chain, edge.target]
        links += itertools.pairwise(stops)
    widths = {name: size.width for name, size in sizes.items()}
    across = _across(layers, links, widths)
    layout = Layout(Size(0, 0), back=back)
    top = 0.0
    passes: dict[str, list[tuple[float, float]]] = {}
    for layer in layers:
        height = max([sizes[name].height for name in layer if name in sizes], default=0)
        for name in layer:
            if name in sizes:
                layout.centres[name] = (across[name], top + height / 2)
            else:
                passes[name] = [(across[name], top), (across[name], top + height)]
        top += height + GAP_DOWN
    for edge, chain in chains.items():
        layout.bends[edge] = [point for bend in chain for point in passes[bend]]
    right = max(x + sizes[name].width / 2 for name, (x, _) in layout.centres.items())
    layout.size = Size(max([right, *(x for bends in layout.bends.values() for x, _ in bends)]), top - GAP_DOWN)
    return layout


def _back_edges(edges: list[Edge], starts: list[str]) -> set[Edge]:
    """Find the edges that close a loop."""
    back: set[Edge] = set()
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in done:
            return
        for edge in edges:
            if edge.source == name:
                if edge.target in (*above, name):
                    back.add(edge)
                else:
                    visit(edge.target, (*above, name))
        done.add(name)

    for start in starts:
        visit(start, ())
    return back


def _ranks(sizes: Mapping[str, Size], edges: list[Edge]) -> dict[str, int]:
    ranks = dict.fromkeys(sizes, 0)
    for _ in sizes:
        for edge in edges:
            ranks[edge.target] = max(ranks[edge.target], ranks[edge.source] + 1)
    return ranks


def _chain(edge: Edge, ranks: Mapping[str, int]) -> list[str]:
    between = range(ranks[edge.source] + 1, ranks[edge.target])
    return [f"{edge.source}>{edge.target}>{edge.label}@{rank}" for rank in between]


def _across(layers: list[list[str]], links: list[tuple[str, str]], widths: Mapping[str, float]) -> dict[str, float]:
    """Order each layer by where its neighbours stand, and then let each state move towards them."""
    near: dict[str, list[str]] = {}
    for above, below in links:
        near.setdefault(above, []).append(below)
        near.setdefault(below, []).append(above)
    across = {name: float(place) * 100 for layer in layers for place, name in enumerate(layer)}
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wish = {name: _mean([across[other] for other in near.get(name, [name])]) for name in layer}
            layer.sort(key=wish.__getitem__)
            _spread(layer, wish, widths, across)
    left = min(across[name] - widths.get(name, BEND_WIDTH) / 2 for layer in layers for name in layer)
    return {name: place - left for name, place in across.items()}


def _spread(layer: list[str], wish: Mapping[str, float], widths: Mapping[str, float], across: dict[str, float]) -> None:
    """Place a layer's states in their order, near where they wish, without overlap."""
    right = None
    for name in layer:
        half = widths.get(name, BEND_WIDTH) / 2
        across[name] = wish[name] if right is None else max(wish[name], right + GAP_ACROSS + half)
        right = across[name] + half
    moved = _mean([across[name] - wish[name] for name in layer]) if layer else 0
    for name in layer:
        across[name] -= moved


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)
