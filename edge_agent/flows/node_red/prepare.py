"""Makes a version ready to be deployed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.store import ArtifactDamaged, ArtifactStore, ArtifactUnreadable
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.node_red.check import check_without_node_red
from edge_agent.flows.node_red.draft import Surroundings
from edge_agent.flows.node_red.health_checks import TabChecks
from edge_agent.flows.node_red.held import Supervised
from edge_agent.flows.node_red.translate import translate
from edge_agent.flows.ports import PrepareChecks

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Preparation:
    """What versions are made of on this device; ``on_change`` hears when the health of their checks changes."""

    store: ArtifactStore
    surroundings: Surroundings
    prepare_checks: PrepareChecks
    on_change: Callable[[], None]

    def __call__(self, flow_id: str, version: InstalledVersion, *, live: bool) -> Supervised:
        """Return a version with its tab and its health checks, which do not run yet; or why it cannot be made."""
        try:
            artifact = self.store.get(version.sha256)
            secrets = self.surroundings.secrets()
            check_without_node_red(artifact, self.surroundings.overrides(flow_id), secrets)
        except (ArtifactDamaged, ArtifactUnreadable, FlowRejected) as error:
            logger.error("flow %s version %d cannot run: %s", flow_id, version.version, error)  # noqa: TRY400  one sentence says it
            return Supervised(version, live, error=str(error))
        definition = artifact.definition
        tab = translate(flow_id, version, definition, self.surroundings, secrets)
        if not definition.health_checks:
            return Supervised(version, live, tab)
        checks = TabChecks(
            tab.name,
            flow_id,
            definition,
            self.prepare_checks,
            secrets=secrets.named_by(definition),
            on_change=self.on_change,
        )
        return Supervised(version, live, tab, checks=checks)
