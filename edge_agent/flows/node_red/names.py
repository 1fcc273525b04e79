"""The ids that items of ours have in Node-RED: made from what they are, so that they are known again."""

import hashlib
from dataclasses import dataclass
from typing import Final, Self

from edge_agent.disk.slots import InstalledVersion

_FAMILY: Final = "edgeflow"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def family(device_id: str) -> str:
    """Return how the ids of everything begin that this device's agent ever deploys, of other devices' nothing."""
    return f"{_FAMILY}_{_digest(device_id)[:8]}_"


@dataclass(frozen=True, slots=True)
class TabName:
    """The id of the tab that one version of a flow has in one slot, and those of everything in it.

    Only letters, digits and ``_`` are used: Node-RED puts a ``-`` between the ids of a subflow's instance and its node.
    """

    tab_id: str

    @classmethod
    def of(cls, device_id: str, flow_id: str, version: InstalledVersion) -> Self:
        """Name the tab; the same for the same device, flow, slot, version and artifact."""
        digest = _digest(flow_id, version.slot, str(version.version), version.sha256)
        return cls(f"{family(device_id)}{digest[:16]}")

    def item(self, node_id: str, part: str = "") -> str:
        """Return the id of the item that stands for a node, or for a part of it."""
        return f"{self.tab_id}_{_digest(node_id, part)[:12]}"
