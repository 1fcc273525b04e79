"""How long a flow must run until what is wrong with it can have shown: no health window may be shorter.

A node shows by its first message whether it works. So what counts is the longest way that the first message of a node
which sends by itself takes: how long until it is sent, what each node on the way may be at it, and what the last one
needs to fail. What only the world brings about, such as a message by MQTT, proves nothing and is not waited for.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final, assert_never

from edge_agent.flows.language.proof import MAX_PROOF_SECONDS, Proof
from edgeflow.contract.flow import Definition
from edgeflow.contract.health_checks import CommandCheck, EmittedCheck, HealthCheckDefinition, HttpCheck, seconds
from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.catch import CatchKind, CatchSettings
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.link import MAX_HOPS, LinkInKind, LinkOutKind, LinkSettings

TOLD_SECONDS: Final = 2.0
"""Until a failure is known to who waits: a request that hangs is given up, and Node-RED is asked once a second."""

Configured = tuple[type[NodeKind[Any]], NodeSettings]
"""A node: its kind, and its settings with values in place of references."""


def prove(definition: Definition, nodes: Mapping[str, Configured]) -> Proof:
    """Return how long a flow needs to fail. ``nodes`` are those that can be built, by their ids.

    Whatever the graph, also one that no check lets pass, the answer is finite.
    """
    ways = _Ways(definition, nodes)
    checks = max(map(_seconds_of_check, definition.health_checks), default=0.0)
    return Proof(
        started=_with_telling(max(checks, ways.longest(switched=False))),
        switched=_with_telling(max(checks, ways.longest(switched=True))),
    )


def _with_telling(needed: float) -> float:
    return min(needed + TOLD_SECONDS, MAX_PROOF_SECONDS) if needed > 0 else 0.0


def _seconds_of_check(check: HealthCheckDefinition) -> float:
    """Return how long after it has passed a check may need to fail. That it passes at all is a part of starting."""
    match check:
        case EmittedCheck():
            return seconds(check.within)
        case HttpCheck() | CommandCheck():
            return seconds(check.interval) + seconds(check.timeout)
        case _:
            assert_never(check)


def _bounded(needed: object) -> float:
    """Return what a node type says as seconds that can be reckoned with; types of packages can say anything."""
    if isinstance(needed, int | float) and math.isfinite(needed):
        return min(max(float(needed), 0.0), MAX_PROOF_SECONDS)
    return MAX_PROOF_SECONDS


class _Ways:
    """The ways that messages take through a flow, over connections and over links that begin and end in it."""

    def __init__(self, definition: Definition, nodes: Mapping[str, Configured]) -> None:
        self._nodes = nodes
        self._needs = {node_id: _seconds_to_fail(node) for node_id, node in nodes.items()}
        self._next: defaultdict[str, list[str]] = defaultdict(list)
        sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(nodes, ()))
        for connection in definition.connections:
            if connection.source in nodes and connection.target in nodes:
                self._next[connection.source].append(connection.target)
                sorter.add(connection.target, connection.source)
        try:
            self._order = list(sorter.static_order())
        except CycleError:
            self._order = list(nodes)
        self._add_links()

    def longest(self, *, switched: bool) -> float:
        """Return the seconds until whatever the first messages meet has shown."""
        begun = {
            node_id: begins
            for node_id, node in self._nodes.items()
            if (begins := _seconds_to_begin(node, switched=switched)) is not None
        }
        reached = self._spread(begun)
        # What a catch sends is not caught again, so one more turn is all.
        reached = self._spread(reached | self._caught(reached))
        return max((self._done(node_id, at) for node_id, at in reached.items()), default=0.0)

    def _add_links(self) -> None:
        """Let each link be a node between its ends: with many on both sides, to join each with each would take long."""
        for node_id, (kind, settings) in self._nodes.items():
            if isinstance(settings, LinkSettings):
                link = f"link {settings.link or ''}"  # no node's id has a blank
                if issubclass(kind, LinkInKind):
                    self._next[link].append(node_id)
                elif issubclass(kind, LinkOutKind):
                    self._next[node_id].append(link)
        self._order += [each for each in self._next if each not in self._nodes]

    def _done(self, node_id: str, reached: float) -> float:
        return min(reached + self._needs.get(node_id, 0.0), MAX_PROOF_SECONDS)

    def _spread(self, reached: Mapping[str, float]) -> dict[str, float]:
        """Return when a message has reached each node and link at the latest, given when some are reached.

        Each turn takes all connections and one more link; a message takes no more links than that.
        """
        at = dict(reached)
        for _ in range(MAX_HOPS + 1):
            before = dict(at)
            for node_id in self._order:
                if node_id in at:
                    done = self._done(node_id, at[node_id])
                    for target in self._next[node_id]:
                        at[target] = max(done, at.get(target, 0.0))
            if at == before:
                break
        return at

    def _caught(self, reached: Mapping[str, float]) -> dict[str, float]:
        """Return when catches that make up for failures have been reached by one, at the latest."""
        caught = {}
        for node_id, (kind, settings) in self._nodes.items():
            if issubclass(kind, CatchKind) and isinstance(settings, CatchSettings) and settings.handled:
                meant: Iterable[str] = reached if settings.nodes is None else settings.nodes
                failed = [self._done(each, reached[each]) for each in meant if each in reached and each != node_id]
                if failed:
                    caught[node_id] = max(failed)
        return caught


def _seconds_to_fail(node: Configured) -> float:
    kind, settings = node
    try:
        return _bounded(kind.seconds_to_fail(settings))
    except Exception:  # noqa: BLE001  somebody else's type: what it needs is not known, so all that may be
        return MAX_PROOF_SECONDS


def _seconds_to_begin(node: Configured, *, switched: bool) -> float | None:
    kind, settings = node
    if kind.takes_messages:
        return None
    try:
        begins = kind.seconds_to_begin(settings, switched=switched)
    except Exception:  # noqa: BLE001  as above
        return MAX_PROOF_SECONDS
    return None if begins is None else _bounded(begins)
