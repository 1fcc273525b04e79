"""The agent's own runtime: a supervisor whose flows run in workers."""

import functools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.workers import sayings
from edge_agent.flows.workers.device import Device
from edge_agent.flows.workers.employer import FlowEmployer
from edge_agent.flows.workers.flow_worker import FlowWorker, Timing
from edge_agent.flows.workers.forking import ForkServerProcess, shared_fork_server
from edge_agent.flows.workers.hub import Hub
from edge_agent.flows.workers.line_router import LineRouter
from edge_agent.flows.workers.link_router import LinkRouter
from edge_agent.flows.workers.orders import Limits, Order
from edge_agent.flows.workers.outputs import Outputs
from edge_agent.flows.workers.process import Exit, Heard, WorkerProcess
from edge_agent.flows.workers.supervisor import Supervisor
from edgeflow.contract.flow import FlowArtifact
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import FlowHealth, Health, NodeHealth

CHECK_SECONDS: Final = 30.0
"""How long it may take to say whether a flow can run."""
_CLEANS_SECONDS: Final = 5.0


class WorkerRuntime:
    """See :class:`~edge_agent.flows.runtime.Runtime`. Several can be in one process; they share its fork server."""

    def __init__(
        self,
        store: ArtifactStore,
        device: Device,
        crashes: CrashFile,
        *,
        on_change: Callable[[], None],
        limits: Limits | None = None,
        timing: Timing | None = None,
        fork_server: ForkServerProcess | None = None,
    ) -> None:
        """Run artifacts of this store; ``on_change`` hears when what runs, or its health, changes. Nothing runs yet."""
        self._device = device
        self._crashes = crashes
        self._on_change = on_change
        self._limits = limits or Limits()
        self._timing = timing or Timing()
        self._fork_server = fork_server or shared_fork_server()
        self._hub = Hub("flows", on_failure=device.on_failure, watched=device.watched, beat=device.beat)
        self._links = LinkRouter()
        self._lines = LineRouter(self._begin_to_keep_lines)
        self._supervisor = Supervisor(store, self._start, on_change=on_change)

    # --- See Runtime ------------------------------------------------------------------------------------------------

    def check(self, flow_id: str, artifact: FlowArtifact) -> None:
        """Tell whether this device can run a flow, before anything of it runs. Raises FlowRejected.

        A process of its own looks at the flow, for packages that bring nodes are loaded to do so.
        """
        answer = _Answer()
        order = Order(
            artifact=artifact.canonical_bytes(),
            surroundings=self._device.surroundings_of(flow_id, artifact),
            limits=self._limits,
            only_check=True,
        )
        process = WorkerProcess(self._hub, self._fork_server, order, on_heard=answer.hear, on_end=answer.end)
        self._hub.call(process.begin)
        if not answer.came.wait(CHECK_SECONDS):
            self._hub.call(functools.partial(process.kill, f"was ended, for it took {CHECK_SECONDS:g} s"))
            answer.came.wait(_CLEANS_SECONDS)
        if answer.rejected is not None:
            raise FlowRejected(answer.rejected.reason, answer.rejected.faults)
        if not answer.is_well:
            why = answer.exit.describe() if answer.exit is not None else "did not end"
            raise FlowRejected(Reason.INVALID_ARTIFACT, [f"the process that looked whether the flow can run {why}"])

    def bring_up(self, flows: Mapping[str, Slots]) -> None:
        """See Runtime.bring_up."""
        held = {(flow_id, each.sha256) for flow_id, slots in flows.items() for each in slots.by_slot().values()}
        self._crashes.keep_only(held)
        self._supervisor.bring_up(flows)

    def hold_back(self, flows: Mapping[str, Slots], why: str) -> None:
        """See Runtime.hold_back."""
        self._supervisor.hold_back(flows, why)

    def arrange(self, flow_id: str, slots: Slots) -> None:
        """See Flows.arrange."""
        self._supervisor.arrange(flow_id, slots)

    def health(self, flow_id: str, *, standby: bool = False) -> tuple[Health, tuple[NodeHealth, ...]]:
        """See Patients.health."""
        return self._supervisor.health(flow_id, standby=standby)

    def reason(self, flow_id: str, *, standby: bool = False) -> Reason:
        """See Patients.reason."""
        return self._supervisor.reason(flow_id, standby=standby)

    def start_seconds(self, flow_id: str, *, standby: bool = False) -> float:
        """See Patients.start_seconds."""
        return self._supervisor.start_seconds(flow_id, standby=standby)

    def proof_seconds(self, flow_id: str, *, standby: bool = False, switched: bool = False) -> float:
        """See Patients.proof_seconds."""
        return self._supervisor.proof_seconds(flow_id, standby=standby, switched=switched)

    def failures(self, flow_id: str, *, standby: bool = False) -> tuple[NodeHealth, ...]:
        """See Patients.failures."""
        return self._supervisor.failures(flow_id, standby=standby)

    def running(self, *, standby: bool = False) -> dict[str, int]:
        """See Runtime.running."""
        return self._supervisor.running(standby=standby)

    def processes(self) -> dict[str, int]:
        """Return the process id of each flow's live version that has a process now."""
        return self._supervisor.processes()

    def report(self) -> tuple[FlowHealth, ...]:
        """See Runtime.report."""
        return self._supervisor.report()

    def stop(self) -> None:
        """Stop every flow, and every worker."""
        self._supervisor.stop()
        lines_are_back = threading.Event()
        self._hub.call(lambda: self._lines.stop(lines_are_back.set))
        if self._hub.is_begun:
            lines_are_back.wait(_CLEANS_SECONDS)
        self._hub.stop()

    def _begin_to_keep_lines(self, on_heard: Heard, on_end: Callable[[Exit], None]) -> WorkerProcess:
        surroundings = self._device.surroundings("lines")
        order = Order(artifact=b"", surroundings=surroundings, limits=self._limits, keeps_lines=True)
        process = WorkerProcess(self._hub, self._fork_server, order, on_heard=on_heard, on_end=on_end)
        process.begin()
        return process

    # --- Workers ----------------------------------------------------------------------------------------------------

    def _start(
        self, flow_id: str, version: InstalledVersion, artifact: FlowArtifact, outputs: Outputs, *, anew: bool
    ) -> FlowWorker:
        if anew:
            self._crashes.forget(flow_id, version.sha256)
        worker = FlowWorker(
            flow_id,
            version,
            hub=self._hub,
            employer=FlowEmployer(
                device=self._device,
                hub=self._hub,
                fork_server=self._fork_server,
                links=self._links,
                lines=self._lines,
                artifact=artifact,
                outputs=outputs,
                limits=self._limits,
            ),
            crashes=self._crashes,
            on_change=self._on_change,
            timing=self._timing,
        )
        worker.start()
        return worker


@dataclass(slots=True)
class _Answer:
    """What became of the question whether a flow can run."""

    came: threading.Event = field(default_factory=threading.Event)
    is_well: bool = False
    rejected: sayings.Rejected | None = None
    exit: Exit | None = None

    def hear(self, saying: sayings.Saying, _: bytes) -> None:
        if isinstance(saying, sayings.Checked):
            self.is_well = True
        elif isinstance(saying, sayings.Rejected):
            self.rejected = saying

    def end(self, exit_: Exit) -> None:
        self.exit = exit_
        self.came.set()
