"""A version of a flow as Node-RED runs it: one tab, whose nodes are translated or, when they are native, taken over."""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from edge_agent.node_red import items, scripts
from edge_agent.node_red.client import Item
from edge_agent.node_red.monitor import monitor_items
from edge_agent.node_red.names import TabName
from edge_agent.node_red.native import (
    NATIVE_TYPE,
    NativeSettings,
    is_muted,
    native_environment,
    native_items,
    native_types,
)
from edge_agent.runtime.context import FlowContext
from edge_agent.runtime.messages import Message
from edge_agent.runtime.nodes import NODE_TYPES
from edge_agent.runtime.nodes.base import NodeEnvironment, NodeError
from edge_agent.runtime.nodes.dht import DhtSettings
from edge_agent.runtime.nodes.inject import InjectSettings
from edge_agent.runtime.nodes.mqtt_out import MqttOutSettings
from edge_agent.runtime.nodes.switch import SwitchSettings
from edge_agent.runtime.sensors import DhtModel
from edge_agent.runtime.variables import read_variables
from edge_agent.slots import InstalledVersion
from edgeflow.contract.flow import Definition, Node, VariableType

_TOP: Final = 200
"""Nodes are placed below those that listen to the tab, in pixels."""
_LEFT: Final = 140
_OUT: Final = 200
"""Between a node and one that it is made of, too."""

_ENV_TYPES: Final = {
    VariableType.STRING: "str",
    VariableType.NUMBER: "num",
    VariableType.BOOLEAN: "bool",
    VariableType.JSON: "json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The device that flows are translated for.

    ``broker`` is where Node-RED publishes: its host and port. ``overrides`` returns the device's own values of a flow's
    variables, by the flow's id.
    """

    device_id: str
    hardware: Mapping[str, Any]
    broker: tuple[str, int]
    overrides: Callable[[str], Mapping[str, Any]] = lambda _: {}


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
    """

    name: TabName
    items: tuple[Item, ...]
    silenced: frozenset[str]
    owners: Mapping[str, Owner]
    faults: Mapping[str, str]
    may_be_offline: frozenset[str]
    types: frozenset[str]

    def deployed(self, *, muted: bool) -> list[Item]:
        """Return the items to deploy."""
        return [item | {"d": True} if muted and item["id"] in self.silenced else item for item in self.items]


@dataclass(slots=True)
class _Draft:
    """A tab in the making."""

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

    def put(self, node: Node, item: Item, *, wires: list[list[str]], at: int = 0) -> None:
        """Add an item of a node, so many pixels to the right of it."""
        place = {"z": self.name.tab_id, "x": _LEFT + node.x + at, "y": _TOP + node.y, "wires": wires}
        self.items.append(item | place)
        self.owners[item["id"]] = Owner(node.id)

    def wires_of(self, node: Node, outputs: int) -> list[list[str]]:
        """Return where each output of a node leads."""
        ports = self.wires.get(node.id, {})
        return [[self.name.item(target) for target in ports.get(port, ())] for port in range(outputs)]


def required_types(definition: Definition) -> frozenset[str]:
    """Return the types that Node-RED must know to run a flow, with those that each tab is watched by."""
    types = {"catch", "status", "complete", "function"}
    for node in definition.nodes:
        if node.type == NATIVE_TYPE:
            types |= native_types(NativeSettings.model_validate(node.config))
        else:
            types |= _TRANSLATED[node.type].needs
    return frozenset(types)


def translate(flow_id: str, version: InstalledVersion, definition: Definition, surroundings: Surroundings) -> Tab:
    """Return the tab of a version whose definition was found fit to run (:func:`check.check_for_node_red`)."""
    wires: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for connection in definition.connections:
        wires[connection.source][connection.port].append(connection.target)
    name = TabName.of(surroundings.device_id, flow_id, version)
    variables, _ = read_variables(definition, surroundings.overrides(flow_id))  # the check has refused faulty ones
    draft = _Draft(flow_id, name, surroundings, variables, wires)
    for node in definition.nodes:
        if node.type == NATIVE_TYPE:
            _take_native(draft, node)
            continue
        fault = _start_fault(draft, node)
        if fault is None:
            _TRANSLATED[node.type].translate(draft, node)
        else:
            draft.faults[node.id] = fault
    tab = {
        "id": name.tab_id,
        "type": "tab",
        "label": f"{flow_id} version {version.version} ({version.slot.value})",
        "disabled": False,
        "info": "Deployed by the EdgeFlow agent, which replaces it with the next version: changes here are lost.",
        "env": [*_environment(definition), *draft.environment.values()],
    }
    return Tab(
        name,
        (tab, *draft.items, *monitor_items(name, draft.owners, _scripts(draft.items))),
        frozenset(draft.silenced),
        draft.owners,
        draft.faults,
        frozenset(draft.may_be_offline),
        required_types(definition),
    )


def _scripts(present: list[Item]) -> dict[str, list[str]]:
    """Return the texts of each function among these items."""
    return {
        item["id"]: [text for key in ("func", "initialize", "finalize") if isinstance(text := item.get(key), str)]
        for item in present
        if item["type"] == "function"
    }


def _environment(definition: Definition) -> Iterator[Item]:
    """Yield the flow's variables, for native nodes to read as ``${name}`` or ``env.get("name")``."""
    for variable in definition.variables:
        value = variable.value
        text = value if isinstance(value, str) else items.as_json(value)
        yield {"name": variable.name, "type": _ENV_TYPES[variable.type], "value": text}


def _start_fault(draft: _Draft, node: Node) -> str | None:
    """Return why a node could not start on this device, as the built-in runtime's node of that type says it."""
    node_type = NODE_TYPES[node.type]
    context = FlowContext(
        device_id=draft.surroundings.device_id,
        flow_id=draft.flow_id,
        hardware=draft.surroundings.hardware,
        publish=lambda *_: None,
    )
    environment = NodeEnvironment(node_id=node.id, context=context, variables=draft.variables, now=lambda: 0.0)
    tried = node_type(node_type.settings_type.model_validate(node.config), environment)
    try:
        tried.start(lambda *_, **__: None, _NoTimers())
    except NodeError as error:
        return str(error)
    finally:
        tried.stop()
    return None


class _NoTimers:
    """A schedule by which nothing ever happens."""

    def soon(self, action: Callable[[], None]) -> None:
        """See Schedule.soon."""

    def handle(self, message: Message) -> None:
        """See Schedule.handle."""

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """See Schedule.after."""

    def every(self, seconds: float, action: Callable[[], None]) -> None:
        """See Schedule.every."""


# --- Each type ----------------------------------------------------------------------------------------------------


def _take_native(draft: _Draft, node: Node) -> None:
    settings = NativeSettings.model_validate(node.config)
    rename = functools.partial(draft.name.item, node.id)
    originals = {rename(item["id"]): item for item in settings.flows}
    also = frozenset(settings.mute)
    for item in native_items(settings, draft.name.tab_id, rename):
        original = originals[item["id"]]
        draft.items.append(item)
        named = f' "{original["name"]}"' if original.get("name") else ""
        draft.owners[item["id"]] = Owner(node.id, f"{original['type']}{named} ({original['id']})")
        if is_muted(item, also):
            draft.silenced.add(item["id"])
    draft.environment.update({str(entry["name"]): entry for entry in native_environment(settings)})


def _translate_inject(draft: _Draft, node: Node) -> None:
    settings = InjectSettings.model_validate(node.config)
    repeat = None if settings.interval is None else settings.interval.total_seconds()
    payload = items.as_json(settings.payload)
    item = items.inject(draft.name.item(node.id), _name(node), payload, once=settings.once, repeat=repeat)
    draft.put(node, item, wires=draft.wires_of(node, 1))


def _translate_dht(draft: _Draft, node: Node) -> None:
    settings = DhtSettings.model_validate(node.config)
    surroundings = draft.surroundings
    model = DhtModel(settings.model or surroundings.hardware.get("dht_model") or DhtModel.DHT22)
    reader = draft.name.item(node.id)
    script = scripts.read_dht(surroundings.device_id, model, settings.unit)
    every = settings.interval.total_seconds()
    title = f"{_name(node)}: time to read"
    timer = items.inject(draft.name.item(node.id, "timer"), title, "null", once=True, repeat=every)
    draft.put(node, timer, wires=[[reader]])
    title = f"{_name(node)}: {model.value} ({scripts.SIMULATED})"
    draft.put(node, items.function(reader, title, script, outputs=1), wires=draft.wires_of(node, 1), at=_OUT)


def _translate_switch(draft: _Draft, node: Node) -> None:
    settings = SwitchSettings.model_validate(node.config)
    rules = [
        {
            "operator": rule.operator,
            "value": rule.value if rule.variable is None else draft.variables[rule.variable],
            "port": rule.port,
        }
        for rule in settings.rules
    ]
    outputs = max(NODE_TYPES[node.type].ports(settings)) + 1
    path = None if settings.property_ is None else settings.property_.text
    script = scripts.switch(path, rules, settings.otherwise)
    item = items.function(draft.name.item(node.id), _name(node), script, outputs=outputs)
    draft.put(node, item, wires=draft.wires_of(node, outputs))


def _translate_mqtt_out(draft: _Draft, node: Node) -> None:
    settings = MqttOutSettings.model_validate(node.config)
    suffix = settings.topic or f"{draft.flow_id}/{node.id}"
    script = scripts.write_mqtt(f"edgeflow/devices/{draft.surroundings.device_id}/out/{suffix}")
    sender = draft.name.item(node.id, "sender")
    broker = items.mqtt_broker(draft.name.item(":broker"), *draft.surroundings.broker) | {"z": draft.name.tab_id}
    if broker not in draft.items:
        draft.items.append(broker)
    draft.put(node, items.function(draft.name.item(node.id), _name(node), script, outputs=1), wires=[[sender]])
    draft.put(node, items.mqtt_out(sender, _name(node), broker["id"]), wires=[], at=_OUT)
    draft.silenced.add(sender)
    draft.may_be_offline.add(sender)


def _translate_debug(draft: _Draft, node: Node) -> None:
    draft.put(node, items.debug(draft.name.item(node.id), _name(node)), wires=[])


def _name(node: Node) -> str:
    return node.name or node.id


@dataclass(frozen=True, slots=True)
class _Translation:
    translate: Callable[[_Draft, Node], None]
    needs: frozenset[str]


_TRANSLATED: Final[Mapping[str, _Translation]] = MappingProxyType({
    "debug": _Translation(_translate_debug, frozenset({"debug"})),
    "dht": _Translation(_translate_dht, frozenset({"inject"})),
    "inject": _Translation(_translate_inject, frozenset({"inject"})),
    "mqtt_out": _Translation(_translate_mqtt_out, frozenset({"mqtt out", "mqtt-broker"})),
    "switch": _Translation(_translate_switch, frozenset()),
})  # fmt: skip
TRANSLATED_TYPES: Final = frozenset(_TRANSLATED)
"""EdgeFlow's types that have a translation."""
