"""Flows that run in the test's own process, under the real supervisor: for what a flow means, not where it runs."""

import dataclasses
from collections.abc import Callable

from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.flow import RunningFlow
from edge_agent.flows.language.clock import Clock
from edge_agent.flows.language.proof import NO_PROOF, Proof
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.language.secrets import NO_SECRETS, Secrets
from edge_agent.flows.stuck_nodes import StuckNodes
from edge_agent.flows.workers.flow_worker import WHOLE_FLOW, Activity
from edge_agent.flows.workers.outputs import Outputs
from edge_agent.flows.workers.supervisor import Supervisor
from edgeflow.contract.flow import FlowArtifact
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import MAX_ERROR_LENGTH, MAX_REPORTED_NODES, Health, NodeHealth


class InProcessRun:
    """See :class:`edge_agent.flows.workers.supervisor.FlowRun`."""

    reason = Reason.UNHEALTHY
    process = None

    def __init__(self, flow: RunningFlow | None, error: str = "") -> None:
        """Stand for a flow that was started, or for one that cannot be, and why."""
        self.flow = flow
        self._error = error

    @property
    def is_running(self) -> bool:
        """See FlowRun."""
        return self.flow is not None

    @property
    def is_begun(self) -> bool:
        """See FlowRun."""
        return self.flow is not None

    @property
    def grace_seconds(self) -> float:
        """See FlowRun."""
        return self.flow.grace_seconds if self.flow is not None else 0.0

    @property
    def proof(self) -> Proof:
        """See FlowRun."""
        return self.flow.proof if self.flow is not None else NO_PROOF

    def health(self) -> tuple[Health, tuple[NodeHealth, ...]]:
        """See FlowRun."""
        if self.flow is not None:
            return self.flow.health()
        error = self._error[:MAX_ERROR_LENGTH]
        return Health.UNHEALTHY, (NodeHealth(node_id=WHOLE_FLOW, health=Health.UNHEALTHY, error=error),)

    def failures(self) -> tuple[NodeHealth, ...]:
        """See FlowRun."""
        return self.flow.failures() if self.flow is not None else ()

    def activity(self) -> Activity:
        """See FlowRun."""
        if self.flow is None:
            return Activity()
        activity = self.flow.activity()
        return Activity(activity.received_per_minute, activity.dropped, activity.worth_telling(MAX_REPORTED_NODES))

    def mute(self, *, muted: bool) -> None:
        """See FlowRun; the flow asks by itself."""

    def begin_to_stop(self) -> None:
        """See FlowRun."""

    def stop(self) -> None:
        """See FlowRun."""
        if self.flow is not None:
            self.flow.stop()


class InProcessSupervisor(Supervisor):
    """A supervisor that needs no workers, with the check of the built-in runtime."""

    def __init__(
        self,
        store: ArtifactStore,
        context: Callable[[str], FlowContext],
        *,
        on_change: Callable[[], None],
        clock: Clock | None = None,
        secrets: Callable[[], Secrets] = lambda: NO_SECRETS,
    ) -> None:
        """Run artifacts of this store; ``context`` makes a flow's surroundings, ``clock`` is the time flows run by.

        ``secrets`` returns those of the device as they are now.
        """
        super().__init__(store, self._run, on_change=on_change)
        self._context = context
        self._told = on_change
        self._clock = clock
        self._secrets = secrets
        self._runs: list[InProcessRun] = []
        self._stuck = StuckNodes(lambda: [run.flow for run in self._runs if run.flow is not None], None)

    def check(self, flow_id: str, artifact: FlowArtifact) -> None:
        """See Flows.check."""
        check_for_builtin(artifact, self._context(flow_id).overrides, self._secrets())

    def stop(self) -> None:
        """See Runtime.stop."""
        self._stuck.stop()
        super().stop()

    def _run(
        self, flow_id: str, version: InstalledVersion, artifact: FlowArtifact, outputs: Outputs, *, anew: bool
    ) -> InProcessRun:
        del anew  # nothing is remembered
        try:
            self.check(flow_id, artifact)
        except FlowRejected as error:
            return InProcessRun(None, str(error))
        context = self._context(flow_id)
        gated = dataclasses.replace(
            context,
            publish=outputs.gate(version.slot, context.publish),
            muted=lambda: outputs.is_muted(version.slot),
            secrets=self._secrets().named_by(artifact.definition),
        )
        flow = RunningFlow(artifact, gated, on_change=self._told, clock=self._clock)
        flow.start()
        self._stuck.start()
        run = InProcessRun(flow)
        self._runs.append(run)
        return run
