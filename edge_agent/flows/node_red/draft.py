"""A tab in the making, the device it is made for, and what comes of it."""

from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import JsonValue

from edge_agent.flows.language.proof import NO_PROOF, Proof
from edge_agent.flows.language.secrets import NO_SECRETS, Redactor, Secrets
from edge_agent.flows.node_red import items
from edge_agent.flows.node_red.client import Item
from edge_agent.flows.node_red.credentials import Credential
from edge_agent.flows.node_red.names import TabName
from edge_agent.flows.ports import StartFault
from edgeflow.contract.flow import Node

STEP: Final = 200
"""Between a node and one that it is made of, too, in pixels."""
_TOP: Final = 200
"""Nodes are placed below those that listen to the tab."""
_LEFT: Final = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The device that flows are translated for.

    ``broker`` is where Node-RED publishes: its host and port. ``start_fault`` says why a node could not start there.
    ``overrides`` returns the device's own values of a flow's variables, by the flow's id; ``secrets`` its secrets as
    they are now.
    """

    device_id: str
    hardware: Mapping[str, Any]
    broker: tuple[str, int]
    start_fault: StartFault
    overrides: Callable[[str], Mapping[str, Any]] = lambda _: {}
    secrets: Callable[[], Secrets] = lambda: NO_SECRETS


@dataclass(frozen=True, slots=True)
class Owner:
    """The node of the flow that an item stands for, and how a sentence names the item when it is but a part of it."""

    node_id: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One version of a flow in one slot.

    Attributes:
        name: of its tab.
        items: all that belongs to it, as it is when the version is live.
        silenced: ids of the items that are disabled while it stands by.
        owners: whose items they are.
        faults: sentences by node id, about nodes that cannot work on this device; they are left out.
        may_be_offline: ids of items whose red status is no fault, for being offline is normal at the edge.
        types: what Node-RED must know to run it.
        link_ends: names of links, by the ids of the items of this tab that are their ends.
        redact: takes the values of the flow's secrets out of what the tab told.
        proof: how long it must run until what is wrong with it can have shown; native nodes are not looked into.
    """

    name: TabName
    items: tuple[Item, ...]
    silenced: frozenset[str]
    owners: Mapping[str, Owner]
    faults: Mapping[str, str]
    may_be_offline: frozenset[str]
    types: frozenset[str]
    link_ends: Mapping[str, str] = field(default_factory=dict)
    redact: Redactor = field(default_factory=Redactor)
    proof: Proof = NO_PROOF

    def deployed(self, *, muted: bool) -> list[Item]:
        """Return the items to deploy."""
        return [item | {"d": True} if muted and item["id"] in self.silenced else item for item in self.items]


@dataclass(slots=True)
class Draft:
    """A tab in the making.

    Beside what becomes the :class:`Tab`:

    Attributes:
        told_of_health: ids of items that the monitor leads to, to be woken whenever a node's health may have changed.
        taken_care_of: ids of items whose failures some node of the flow takes care of, so that they count as none.
        confidential: settings that refer to secrets, by node id; the nodes have the values in place of the references.
        credentials: what the tab keeps as credentials, by name.
        redact: takes the values of secrets out of texts.
    """

    flow_id: str
    name: TabName
    surroundings: Surroundings
    variables: Mapping[str, Any]
    wires: Mapping[str, Mapping[int, list[str]]]
    items: list[Item] = field(default_factory=list)
    silenced: set[str] = field(default_factory=set)
    owners: dict[str, Owner] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    may_be_offline: set[str] = field(default_factory=set)
    environment: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    link_ends: dict[str, str] = field(default_factory=dict)
    told_of_health: list[str] = field(default_factory=list)
    taken_care_of: set[str] = field(default_factory=set)
    confidential: Mapping[str, frozenset[str]] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    redact: Redactor = field(default_factory=Redactor)
    _last: deque[Callable[[], None]] = field(default_factory=deque)

    def finally_(self, action: Callable[[], None]) -> None:
        """Have something done when every node has been translated, for what depends on the others; in this order."""
        self._last.append(action)

    def finish(self) -> None:
        """Do what was to be done in the end, also what that asks for."""
        while self._last:
            self._last.popleft()()

    def put(self, node: Node, item: Item, *, wires: list[list[str]], at: int = 0) -> None:
        """Add an item of a node, so many pixels to the right of it."""
        place = {"z": self.name.tab_id, "x": _LEFT + node.x + at, "y": _TOP + node.y, "wires": wires}
        self.items.append(item | place)
        self.owners[item["id"]] = Owner(node.id)

    def wires_of(self, node: Node, outputs: int) -> list[list[str]]:
        """Return where each output of a node leads."""
        ports = self.wires.get(node.id, {})
        return [[self.name.item(target) for target in ports.get(port, ())] for port in range(outputs)]

    def hide_text(self, node: Node, setting: str, value: str) -> str | Credential:
        """Return a setting's value, or what stands for it when the setting refers to a secret."""
        if setting not in self.confidential.get(node.id, ()):
            return value
        credential = Credential.of(node.id, setting)
        self.credentials[credential.name] = value
        return credential

    def hide_object(self, node: Node, settings: Collection[str], value: Mapping[str, str]) -> JsonValue | Credential:
        """Return what is made of several settings, or what stands for it when one of them refers to a secret."""
        if self.confidential.get(node.id, frozenset()).isdisjoint(settings):
            return dict(value)
        credential = Credential.of(node.id, "+".join(settings), is_json=True)
        self.credentials[credential.name] = items.as_json(dict(value))
        return credential

    def broker(self) -> str:
        """Return the id of the tab's config node for the device's broker, which is put when it is first asked for."""
        broker = items.mqtt_broker(self.name.item(":broker"), *self.surroundings.broker) | {"z": self.name.tab_id}
        if broker not in self.items:
            self.items.append(broker)
        return str(broker["id"])


def title_of(node: Node) -> str:
    """Return the name that an item of a node shows in the editor."""
    return node.name or node.id


@dataclass(frozen=True, slots=True)
class Translation:
    """How nodes of one of EdgeFlow's types become items, and the types that Node-RED must know for them."""

    translate: Callable[[Draft, Node], None]
    needs: frozenset[str] = frozenset()
