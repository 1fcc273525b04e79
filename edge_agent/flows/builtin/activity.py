"""How busy the nodes of a flow are: messages a minute, and what was dropped."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge_agent.flows.builtin.host import Counts
from edge_agent.flows.language.sentences import fit
from edgeflow.contract.report import MAX_ERROR_LENGTH, NodeActivity

SAMPLE_SECONDS: Final = 10.0
"""Rates are taken over at least so long: of two reports within a second, one could say anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A whole flow: messages that its nodes got a minute, dropped ones since the start, and each node's own."""

    received_per_minute: float
    dropped: int
    nodes: tuple[NodeActivity, ...]

    def worth_telling(self, limit: int) -> tuple[NodeActivity, ...]:
        """Return at most so many nodes that did anything: those that dropped or failed first, then the busiest."""

        def rank(node: NodeActivity) -> tuple[bool, bool, float]:
            return node.dropped > 0, bool(node.last_error), node.received_per_minute + node.sent_per_minute

        told = [node for node in self.nodes if any(rank(node))]
        return tuple(sorted(told, key=rank, reverse=True)[:limit])


class ActivityMeter:
    """Turns counts into rates. Safe to read from several threads."""

    def __init__(self, counts: Mapping[str, Counts], since: float) -> None:
        """Measure by these counts, by node id, from this monotonic time on (seconds)."""
        self._counts = counts
        self._lock = threading.Lock()
        self._since = since
        self._before = dict.fromkeys(counts, (0, 0))
        self._rates = dict.fromkeys(counts, (0.0, 0.0))

    def read(self, now: float) -> Activity:
        """Return how it is at this monotonic time (seconds). Rates are those of the last whole sample."""
        with self._lock:
            elapsed = now - self._since
            if elapsed >= SAMPLE_SECONDS:
                present = {node_id: (each.received, each.sent) for node_id, each in self._counts.items()}
                self._rates = {
                    node_id: (
                        60 * (received - self._before[node_id][0]) / elapsed,
                        60 * (sent - self._before[node_id][1]) / elapsed,
                    )
                    for node_id, (received, sent) in present.items()
                }
                self._before, self._since = present, now
            nodes = tuple(
                NodeActivity(
                    node_id=node_id,
                    received_per_minute=round(self._rates[node_id][0], 1),
                    sent_per_minute=round(self._rates[node_id][1], 1),
                    dropped=each.dropped,
                    last_error=fit(each.last_error, MAX_ERROR_LENGTH),
                )
                for node_id, each in self._counts.items()
            )
        return Activity(
            received_per_minute=round(sum(rates[0] for rates in self._rates.values()), 1),
            dropped=sum(node.dropped for node in nodes),
            nodes=nodes,
        )
