"""What the rest of the agent asks of whatever runs the flows of a device. It knows no runtime."""

from collections.abc import Mapping
from typing import Final, Protocol

from edge_agent.disk.slots import Slots
from edge_agent.flows.language.rejected import FlowRejected
from edgeflow.contract.flow import FlowArtifact
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import FlowHealth, Health, NodeHealth

__all__ = [
    "MAX_FAILURES",
    "MAX_LISTED_NODES",
    "START_SECONDS",
    "FlowCheck",
    "FlowRejected",
    "Flows",
    "Patients",
    "Runtime",
]

START_SECONDS: Final = 30.0
"""How long the nodes of a flow may take to start."""
MAX_LISTED_NODES: Final = 20
"""Nodes listed as not well; with the longest errors a report still fits MQTT's 128 KiB."""
MAX_FAILURES: Final = 1_000
"""Failures that are remembered; whoever has so many is not waited for."""


class FlowCheck(Protocol):
    """What a runtime says of flows without running any; nothing is started, nothing is changed."""

    def trouble(self) -> str | None:
        """Return why the runtime cannot be asked all there is to ask, as a sentence; None when it can."""
        ...

    def check(self, flow_id: str, artifact: FlowArtifact) -> None:
        """Tell whether the runtime can run a flow on this device, as far as it can be asked. Raises FlowRejected."""
        ...


class Flows(Protocol):
    """The flows of the device, started and stopped."""

    def check(self, flow_id: str, artifact: FlowArtifact) -> None:
        """Tell whether this device can run a flow, before anything of it runs. Raises FlowRejected."""

    def arrange(self, flow_id: str, slots: Slots) -> None:
        """Run just what a flow's slots hold, the live one heard, the other muted; what runs already goes on running."""


class Patients(Protocol):
    """Flows whose health can be asked for."""

    def running(self, *, standby: bool = False) -> dict[str, int]:
        """Return the version of each flow that really runs now: the live one, or the one that stands by."""

    def health(self, flow_id: str, *, standby: bool = False) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return how the live version of a flow is, or the one that stands by, and which of its nodes are not well."""

    def reason(self, flow_id: str, *, standby: bool = False) -> Reason:
        """Return the code of what is wrong with that version, when something is: ``UNHEALTHY``, or what is more."""

    def start_seconds(self, flow_id: str, *, standby: bool = False) -> float:
        """Return how long a version may take to start, over what nodes need: its own health checks' grace."""

    def proof_seconds(self, flow_id: str, *, standby: bool = False, switched: bool = False) -> float:
        """Return how long a healthy version must run until what is wrong with it can have shown, in seconds.

        ``switched``: it may have run before, and counts from now. It is what the flow's nodes and health checks need,
        at most ``edge_agent.flows.language.proof.MAX_PROOF_SECONDS``; no health window is shorter.
        """

    def failures(self, flow_id: str, *, standby: bool = False) -> tuple[NodeHealth, ...]:
        """Return each failure of a node since that version was started, the latest last, also those it got over."""


class Runtime(Flows, Patients, Protocol):
    """What the agent asks of whatever runs its flows."""

    def bring_up(self, flows: Mapping[str, Slots]) -> None:
        """Run what the device ran before it was switched off, but for flows that a job has changed already."""

    def hold_back(self, flows: Mapping[str, Slots], why: str) -> None:
        """Run none of these flows until they are brought up or arranged; they are unhealthy, and ``why`` says why."""

    def report(self) -> tuple[FlowHealth, ...]:
        """Return how every flow is in every slot."""

    def stop(self) -> None:
        """Let go of the flows."""
