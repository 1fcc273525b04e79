"""What a runtime leaves to somebody else, because another one can do it already. It knows neither of them."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from edgeflow.contract.flow import Definition, Node
from edgeflow.contract.report import Health, NodeHealth


class Sent(Protocol):
    """How many messages a node has sent; it grows."""

    @property
    def sent(self) -> int:
        """Messages since the node was started."""
        ...


class RunningChecks(Protocol):
    """The health checks of one version of a flow. What it returns changes on another thread."""

    @property
    def grace_seconds(self) -> float:
        """How long they may take until the first time they pass."""
        ...

    def start(self) -> None:
        """Begin to check; the grace begins, too."""

    def health(self) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return how the checks are: starting until each has passed once; and those that fail."""

    def failures(self) -> tuple[NodeHealth, ...]:
        """Return each time that a check began to fail, the latest last, at most 1,000."""

    def watch(self, now: float) -> None:
        """Go on without a check that is stuck; ``now`` is a monotonic time in seconds."""

    def stop(self) -> None:
        """Check no more. May be repeated, and may come before the start."""


class PrepareChecks(Protocol):
    """Makes a version's health checks ready to be started."""

    def __call__(
        self,
        flow_id: str,
        definition: Definition,
        sent: Mapping[str, Sent],
        *,
        secrets: Mapping[str, str],
        on_change: Callable[[], None],
    ) -> RunningChecks:
        """Return the checks of a flow; ``sent`` is what the nodes that are watched have sent, by their ids.

        ``secrets`` has the values of those that the flow names.
        ``on_change`` hears when the health of the checks has changed, on another thread.
        """
        ...


class StartFault(Protocol):
    """Tries whether a node could start on a device."""

    def __call__(
        self,
        node: Node,
        *,
        device_id: str,
        flow_id: str,
        hardware: Mapping[str, Any],
        variables: Mapping[str, Any],
    ) -> str | None:
        """Return why it could not, as a sentence; None when it could. Nothing of the flow runs.

        ``node`` has values in place of references. ``hardware`` is the device's table of that name, ``variables`` are
        the flow's, in their types.
        """
        ...
