"""What a tab must know and nobody may read: Node-RED keeps it encrypted beside its flows, for the tab alone.

It is an environment variable of type ``cred`` of the tab: its value is neither in the flows nor in what the admin API
answers. Scripts ask for it by ``env.get``; a property of a node that is ``${name}`` is replaced by Node-RED itself.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge_agent.flows.node_red.client import Item

MARK: Final = "edgeflow:secrets"
"""Variable that changes with the secrets and tells nothing of them, for Node-RED never says what it has."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A text of a tab, or JSON, that is kept as a credential."""

    name: str
    is_json: bool = False

    @classmethod
    def of(cls, node_id: str, setting: str, *, is_json: bool = False) -> "Credential":
        """Name that of a node's setting."""
        return cls(f"edgeflow:{node_id}:{setting}", is_json)

    def property(self) -> str:
        """Return what stands for it as a property of a node."""
        return f"${{{self.name}}}"


def credential_entries(credentials: Mapping[str, str], marks: Mapping[str, str]) -> list[Item]:
    """Return the tab's environment variables for these; ``marks`` are those of the secrets that are in them."""
    if not credentials:
        return []
    digest = hashlib.sha256("\0".join(f"{name}={mark}" for name, mark in sorted(marks.items())).encode()).hexdigest()
    return [
        *({"name": name, "type": "cred", "value": ""} for name in sorted(credentials)),
        {"name": MARK, "type": "str", "value": digest},
    ]
