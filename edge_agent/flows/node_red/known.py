"""What is known of Node-RED as of the latest look and deployment, and how well a version is by that."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge_agent.flows.node_red.health import unwell_nodes, whole_flow
from edge_agent.flows.node_red.held import Deployed, Seen, Supervised
from edge_agent.flows.node_red.monitor import TabState
from edge_agent.flows.runtime import MAX_LISTED_NODES
from edgeflow.contract.report import Health, NodeHealth


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Tabs are named by their ids. Never changed, but replaced.

    Attributes:
        deployed: what Node-RED has, also what it was asked to change or give up and did not.
        lacking: why tabs are not deployed, for types that Node-RED does not have.
        seen: what tabs told.
        refusal: why the latest change failed.
        out_of_reach: why Node-RED cannot be asked.
        blocked: why it starts nothing, whoever's.
        reached: whether it has ever answered.
    """

    deployed: Mapping[str, Deployed] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, Seen] = field(default_factory=dict)
    refusal: str = ""
    out_of_reach: str = ""
    blocked: str = ""
    reached: bool = False

    def of(self, tab_id: str) -> Seen:
        """Return what a tab told."""
        return self.seen.get(tab_id, Seen())

    def seen_after(self, states: Mapping[str, TabState | None]) -> dict[str, Seen]:
        """Return what tabs told, with a new look at these."""
        return {tab_id: self.of(tab_id).after(state) for tab_id, state in states.items()}

    def is_deployed(self, supervised: Supervised) -> bool:
        """Tell whether Node-RED has a version as it is meant to be."""
        present = self.deployed.get(supervised.tab_id)
        return present is not None and present.live is supervised.live

    def has_started(self, tab_id: str) -> bool:
        """Tell whether Node-RED runs a tab."""
        return not self.out_of_reach and self.of(tab_id).state is not None

    def judge(self, supervised: Supervised, *, starts: bool) -> tuple[Health, tuple[NodeHealth, ...]]:
        """Return how a version is, and which of its nodes are not well.

        ``starts``: Node-RED may still come up, to start it.
        """
        tab = supervised.tab
        error = supervised.error or self.lacking.get(supervised.tab_id, "")
        if tab is None or error:
            return Health.UNHEALTHY, (whole_flow(Health.UNHEALTHY, error),)
        deployed = self.is_deployed(supervised)
        if self.out_of_reach or (self.refusal and not deployed):
            health = Health.STARTING if self.out_of_reach and starts and not deployed else Health.UNHEALTHY
            return health, (whole_flow(health, self.out_of_reach or self.refusal),)
        state = self.of(supervised.tab_id).state
        if not deployed or state is None:
            return Health.STARTING, (whole_flow(Health.STARTING, self.blocked or "Node-RED has not started it yet"),)
        checked, failing = supervised.checks.health() if supervised.checks is not None else (Health.HEALTHY, ())
        nodes = (*unwell_nodes(tab, state, live=supervised.live), *failing)[:MAX_LISTED_NODES]
        return (Health.UNHEALTHY if nodes else checked), nodes
