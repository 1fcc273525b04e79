"""Watching a new version for a window of time before anybody says that it works."""

import logging
import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from edge_agent.flows.runtime import START_SECONDS, Patients
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Health, NodeHealth

_LOOKS_EVERY_SECONDS: Final = 0.5

_log = logging.getLogger(__name__)


class Unwell(Exception):
    """The flow is not healthy; the message names the nodes and what ails them, ``reason`` is the code of it."""

    def __init__(self, message: str, reason: Reason = Reason.UNHEALTHY) -> None:
        super().__init__(message)
        self.reason = reason


class Cancelled(Exception):
    """The job at work is not wanted any more."""


class Stopping(Exception):
    """The agent is being stopped."""


class Settled(NamedTuple):
    """What runs of a flow: the version, None when none does; and why it is not what was meant: a code, and a clause."""

    version: int | None
    reason: Reason = Reason.UNHEALTHY
    why: str = ""


class HealthGate:
    """Waits until a flow was healthy without a break for a window, or is not."""

    def __init__(
        self,
        patients: Patients,
        *,
        monotonic: Callable[[], float],
        beat: Callable[[float], None] = lambda _: None,
        settles: float = START_SECONDS,
    ) -> None:
        """Watch these flows by this clock (seconds); ``beat`` hears at each look that there is progress.

        ``settles`` is how long a version that does not run may take until it does, or the other way round.
        It is called with the seconds that may pass until the next look.
        """
        self._patients = patients
        self._beat = beat
        self._settles = settles
        self._monotonic = monotonic
        self._wake = threading.Event()
        self._stopping = threading.Event()

    def wake(self) -> None:
        """Look now: something has changed."""
        self._wake.set()

    def stop(self) -> None:
        """End every watch with Stopping."""
        self._stopping.set()
        self._wake.set()

    def pause(self, seconds: float) -> None:
        """Wait so long, or until the agent is stopped. Raises Stopping."""
        self._beat(seconds)
        if self._stopping.wait(seconds):
            raise Stopping

    def __call__(
        self,
        flow_id: str,
        *,
        window_seconds: float,
        cancelled: Callable[[], bool],
        standby: bool = False,
        switched: bool = False,
    ) -> None:
        """Return when the flow's live version, or the one that stands by, has been healthy for the whole window.

        The window is ``window_seconds``, or what the flow's nodes need to fail when that is more: nothing passes that
        could not have failed yet. ``switched``: the version may have run before, so its next work counts.

        Raises:
            Unwell: a node failed, or some never started.
            Cancelled: ``cancelled`` says so.
            Stopping: the agent is being stopped.
        """
        begun = self._monotonic()
        healthy_since: float | None = None
        failures = 0
        window = window_seconds
        while True:
            self._wake.clear()
            if self._stopping.is_set():
                raise Stopping
            if cancelled():
                raise Cancelled
            health, nodes = self._patients.health(flow_id, standby=standby)
            now = self._monotonic()
            match health:
                case Health.UNHEALTHY:
                    raise Unwell(_complaint(nodes), self._patients.reason(flow_id, standby=standby))
                case Health.HEALTHY:
                    failed = self._patients.failures(flow_id, standby=standby)
                    if healthy_since is None:
                        healthy_since, failures = now, len(failed)
                        proof = self._patients.proof_seconds(flow_id, standby=standby, switched=switched)
                        window = _longer(flow_id, window_seconds, proof)
                    elif len(failed) > failures:
                        # A node that fails and gets over it, again and again, works for nobody.
                        reason = self._patients.reason(flow_id, standby=standby)
                        raise Unwell(_complaint(failed[failures:]), reason)
                    if now - healthy_since >= window:
                        return
                    patience = window - (now - healthy_since)
                case _:
                    healthy_since = None
                    limit = START_SECONDS + self._patients.start_seconds(flow_id, standby=standby)
                    patience = limit - (now - begun)
                    if patience <= 0:
                        message = f"the flow did not start within {limit:.0f} s: {_complaint(nodes)}"
                        raise Unwell(message)
            self._wait(patience)

    def settle(
        self,
        flow_id: str,
        version: int | None,
        *,
        cancelled: Callable[[], bool] = lambda: False,
        standby: bool = False,
    ) -> Settled:
        """Wait until just this version runs, None: nothing of the flow; how it is does not matter.

        Returns what runs then, or after as long as that may take.

        Raises:
            Cancelled: ``cancelled`` says so.
            Stopping: the agent is being stopped.
        """
        limit = self._monotonic() + self._settles
        while True:
            self._wake.clear()
            if self._stopping.is_set():
                raise Stopping
            if cancelled():
                raise Cancelled
            runs = self._patients.running(standby=standby).get(flow_id)
            if runs == version:
                return Settled(version)
            # That it is unhealthy says nothing: a process that ended is started again, a Node-RED comes back.
            patience = limit - self._monotonic()
            if patience <= 0:
                _, nodes = self._patients.health(flow_id, standby=standby)
                reason = self._patients.reason(flow_id, standby=standby)
                return Settled(runs, reason, _complaint(nodes) if runs is None else f"version {runs} still runs")
            self._wait(patience)

    def _wait(self, patience: float) -> None:
        patience = min(patience, _LOOKS_EVERY_SECONDS)
        self._beat(patience)
        self._wake.wait(patience)


def _longer(flow_id: str, window_seconds: float, proof_seconds: float) -> float:
    if proof_seconds > window_seconds:
        _log.info("flow %s: it is watched for %.0f s, for so long it needs to fail", flow_id, proof_seconds)
    return max(window_seconds, proof_seconds)


def _complaint(nodes: tuple[NodeHealth, ...]) -> str:
    told = [f"node {node.node_id}: {node.error or node.health.value}" for node in nodes]
    return "; ".join(told) or "the flow does not run"
