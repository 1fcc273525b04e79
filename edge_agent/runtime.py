"""All flows of the device: starting, replacing and stopping them, and how they are."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from edge_agent.flow import Environment, RunningFlow
from edge_agent.plan import Plan
from edge_agent.state import Release
from edgeflow.contract.report import MAX_REPORTED_FLOWS, FlowHealth, Health, NodeHealth

MAX_REPORTED_NODES: Final = 20  # a report must fit a message of 128 KB

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a flow is. ``healthy_seconds`` is how long it has been well, None when it is not; ``error`` says why."""

    healthy_seconds: float | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A flow in its place; ``flow`` is None when its artifact could not be used."""

    release: Release
    flow: RunningFlow | None
    health: Health
    since: datetime
    error: str = ""


class Runtime:
    """The flows that run. Its methods can be called from any thread but the schedule's own."""

    def __init__(self, environment: Environment, on_change: Callable[[], None]) -> None:
        """``on_change`` is called, on the schedule's thread, when a flow's health has changed."""
        self._environment = environment
        self._on_change = on_change
        self._entries: dict[str, _Entry] = {}

    def run(self, flow_id: str, release: Release, plan: Plan) -> None:
        """Run this release in place of the one that runs, with no other flow noticing."""

        def swap() -> None:
            self._end(flow_id)
            flow = RunningFlow(flow_id, plan, self._environment, lambda: self._refresh(flow_id))
            self._entries[flow_id] = _Entry(release, flow, Health.STARTING, self._environment.clock.now())
            flow.start()
            self._refresh(flow_id)

        self._environment.schedule.run(swap)

    def set_broken(self, flow_id: str, release: Release, error: str) -> None:
        """Note a release that should run and cannot, so that the health report tells."""

        def note() -> None:
            self._end(flow_id)
            self._entries[flow_id] = _Entry(release, None, Health.UNHEALTHY, self._environment.clock.now(), error)
            self._on_change()

        self._environment.schedule.run(note)

    def stop(self, flow_id: str) -> None:
        """Stop a flow and forget it; nothing happens when there is none."""

        def end() -> None:
            if self._end(flow_id):
                self._on_change()

        self._environment.schedule.run(end)

    def stop_all(self) -> None:
        """Stop every flow."""
        for flow_id in list(self._entries):
            self.stop(flow_id)

    def release(self, flow_id: str) -> Release | None:
        """Return the release of this flow that really runs; None when none does."""
        entry = self._entries.get(flow_id)
        return entry.release if entry is not None and entry.flow is not None else None

    def rename(self, flow_id: str, release: Release) -> None:
        """Note that what runs already is, by its content, this release."""

        def note() -> None:
            self._entries[flow_id] = replace(self._entries[flow_id], release=release)

        self._environment.schedule.run(note)

    def verdict(self, flow_id: str) -> Verdict:
        """Say how a flow is."""

        def ask() -> Verdict:
            entry = self._entries.get(flow_id)
            if entry is None or entry.flow is None:
                return Verdict(None, entry.error if entry else "the flow does not run")
            errors = entry.flow.errors()
            told = "; ".join(f"node {node_id}: {error}" for node_id, error in errors.items())
            return Verdict(entry.flow.healthy_seconds(), told)

        return self._ask(ask)

    def flows(self) -> tuple[FlowHealth, ...]:
        """Return every flow's health, as reports have it."""
        return self._ask(self.flows_here)

    def flows_here(self) -> tuple[FlowHealth, ...]:
        """Return the same, when already on the schedule's thread."""
        return tuple(
            FlowHealth(
                flow_id=flow_id,
                version=entry.release.version,
                sha256=entry.release.sha256,
                slot=entry.release.slot,
                health=entry.health,
                since=entry.since,
                nodes=_unwell(entry),
            )
            for flow_id, entry in sorted(self._entries.items())[:MAX_REPORTED_FLOWS]
        )

    def running_flow(self, flow_id: str) -> RunningFlow | None:
        """Return a running flow, to look at on the schedule's thread."""
        entry = self._entries.get(flow_id)
        return entry.flow if entry is not None else None

    def _end(self, flow_id: str) -> bool:
        entry = self._entries.pop(flow_id, None)
        if entry is not None and entry.flow is not None:
            entry.flow.stop()
        return entry is not None

    def _refresh(self, flow_id: str) -> None:
        entry = self._entries[flow_id]
        if entry.flow is None:
            return
        health = Health.UNHEALTHY if entry.flow.errors() else Health.HEALTHY
        if health != entry.health:
            self._entries[flow_id] = replace(entry, health=health, since=self._environment.clock.now())
        self._on_change()

    def _ask(self, question: Callable[[], _T]) -> _T:
        answers: list[_T] = []
        self._environment.schedule.run(lambda: answers.append(question()))
        return answers[0]


def _unwell(entry: _Entry) -> tuple[NodeHealth, ...]:
    if entry.flow is None:
        return ()
    errors = list(entry.flow.errors().items())[:MAX_REPORTED_NODES]
    return tuple(NodeHealth(node_id=node_id, health=Health.UNHEALTHY, error=error) for node_id, error in errors)
