"""The health checks of a flow that Node-RED runs: the agent carries them out itself, as those of its own flows.

What ``emitted`` watches happens in Node-RED: functions in the tab count the messages of the nodes that are meant, and
the counts come with each look at the tab.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge_agent.flows.node_red.monitor import TabState, counter_of
from edge_agent.flows.node_red.names import TabName
from edge_agent.flows.ports import PrepareChecks
from edgeflow.contract.flow import Definition
from edgeflow.contract.health_checks import EmittedCheck
from edgeflow.contract.report import Health, NodeHealth


@dataclass(slots=True)
class _Counted:
    """What a node has sent since its tab was first looked at. Changed by who looks, read by the checks."""

    sent: int = 0


class TabChecks:
    """The checks of one version. They begin with the first look that finds its tab started, and so does their grace."""

    def __init__(
        self,
        name: TabName,
        flow_id: str,
        definition: Definition,
        prepare: PrepareChecks,
        *,
        secrets: Mapping[str, str],
        on_change: Callable[[], None],
    ) -> None:
        """Check nothing yet; ``on_change`` hears when what :meth:`health` returns has changed, on another thread.

        ``secrets`` has the values of those that the flow names.
        """
        checks = definition.health_checks
        self.tab_id = name.tab_id
        self._counts = {check.node: _Counted() for check in checks if isinstance(check, EmittedCheck)}
        self._counters = {node_id: name.item(counter_of(node_id)) for node_id in self._counts}
        self._running = prepare(flow_id, definition, self._counts, secrets=secrets, on_change=on_change)
        self.grace_seconds = self._running.grace_seconds
        self._before: TabState | None = None

    def hear(self, state: TabState) -> None:
        """Take what the tab told. Called from one thread."""
        before, self._before = self._before, state
        if before is None:
            self._running.start()
        for node_id, counter in self._counters.items():
            told = before.sent.get(counter, 0) if before is not None and before.run == state.run else 0
            self._counts[node_id].sent += state.sent.get(counter, 0) - told

    def health(self) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return how the checks are: starting until each has passed once; and those that fail."""
        return self._running.health()

    def failures(self) -> tuple[NodeHealth, ...]:
        """Return each time that a check began to fail, the latest last, at most 1,000."""
        return self._running.failures()

    def watch(self, now: float) -> None:
        """Go on without a check that is stuck. To be called every second or so, with a monotonic time in seconds."""
        self._running.watch(now)

    def stop(self) -> None:
        """Check no more. May be repeated, and may come before the first look."""
        self._running.stop()
