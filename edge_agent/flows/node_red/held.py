"""What the supervisor knows of a version: what was made of it, what Node-RED has, and what the tab told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from edge_agent.disk.slots import InstalledVersion
from edge_agent.flows.language.proof import NO_PROOF, Proof
from edge_agent.flows.node_red.draft import Tab
from edge_agent.flows.node_red.health_checks import TabChecks
from edge_agent.flows.node_red.isolation import Suspect
from edge_agent.flows.node_red.monitor import Failure, TabState
from edge_agent.flows.runtime import MAX_FAILURES
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import FlowHealth, Health, NodeHealth, Slot


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a tab that Node-RED has is, and whether it is heard."""

    flow_id: str
    version: int
    live: bool


@dataclass(frozen=True, slots=True)
class Supervised:
    """A version in a slot; without a tab when it cannot be made, and ``error`` says why.

    ``checks`` are the flow's own health checks, absent when it has none.
    """

    installed: InstalledVersion
    live: bool
    tab: Tab | None = None
    error: str = ""
    checks: TabChecks | None = None
    wanted_at: float = 0.0
    """Since then it is to run, a monotonic time in seconds."""

    @property
    def tab_id(self) -> str:
        """The id of the tab; empty without one."""
        return self.tab.name.tab_id if self.tab is not None else ""

    @property
    def types(self) -> frozenset[str]:
        """What Node-RED must know to run it."""
        return self.tab.types if self.tab is not None else frozenset()

    @property
    def proof(self) -> Proof:
        """How long it must run until what is wrong with it can have shown."""
        return self.tab.proof if self.tab is not None else NO_PROOF

    def deployed(self, flow_id: str) -> Deployed:
        """Return it as what Node-RED has."""
        return Deployed(flow_id, self.installed.version, self.live)

    def suspect(self, flow_id: str) -> Suspect:
        """Return it as what may take Node-RED down."""
        return Suspect(flow_id, self.installed.version, self.installed.sha256, self.installed.since)

    def told(
        self, flow_id: str, *, running: bool, health: Health, reason: Reason, nodes: tuple[NodeHealth, ...]
    ) -> FlowHealth:
        """Return what the cloud is told of it."""
        return FlowHealth(
            flow_id=flow_id,
            version=self.installed.version,
            sha256=self.installed.sha256,
            slot=self.installed.slot,
            live=self.live,
            running=running,
            health=health,
            reason=reason if health is Health.UNHEALTHY and reason is not Reason.UNHEALTHY else None,
            since=self.installed.since,
            nodes=nodes,
        )


def by_tab(flows: Mapping[str, Mapping[Slot, Supervised]]) -> dict[str, tuple[str, Supervised]]:
    """Return the versions that can be made, each with its flow's id, by the ids of their tabs."""
    held = [(flow_id, each) for flow_id, slots in flows.items() for each in slots.values()]
    return {each.tab_id: (flow_id, each) for flow_id, each in held if each.tab is not None}


def wanted_anew(before: Mapping[Slot, Supervised], after: Mapping[Slot, Supervised]) -> list[Supervised]:
    """Return the versions that somebody asks for by a change of a flow's slots, or by none: for all of them again.

    One that was there, and only stands by from now on or beside another one, is not asked for.
    """
    asked = [
        each
        for slot, each in after.items()
        if slot not in before or not before[slot].installed.is_same(each.installed) or each.live > before[slot].live
    ]
    return asked if asked or len(before) != len(after) else list(after.values())


@dataclass(frozen=True, slots=True)
class Seen:
    """What a tab told since it was deployed."""

    state: TabState | None = None
    failures: tuple[Failure, ...] = ()

    def after(self, state: TabState | None) -> "Seen":
        """Return this with a new look at the tab."""
        if state is None:
            return replace(self, state=None)
        return Seen(state, (self.failures + state.failures_after(self.state))[:MAX_FAILURES])
