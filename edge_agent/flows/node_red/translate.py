"""A version of a flow as Node-RED runs it: one tab, whose nodes are translated or, when they are native, taken over."""

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from edge_agent.disk.slots import InstalledVersion
from edge_agent.flows.language.nodes import NODE_KINDS
from edge_agent.flows.language.references import Values, filled_config, names_secret
from edge_agent.flows.language.secrets import NO_SECRETS, Redactor, Secrets
from edge_agent.flows.language.variables import read_variables
from edge_agent.flows.language.ways import Configured, prove
from edge_agent.flows.node_red.client import Item
from edge_agent.flows.node_red.credentials import credential_entries
from edge_agent.flows.node_red.draft import Draft, Owner, Surroundings, Tab
from edge_agent.flows.node_red.items import as_json
from edge_agent.flows.node_red.monitor import counter_items, counter_of, monitor_items
from edge_agent.flows.node_red.names import TabName
from edge_agent.flows.node_red.native import is_muted, native_environment, native_items, native_types
from edge_agent.flows.node_red.nodes import TRANSLATIONS
from edgeflow.contract.flow import Definition, Node, VariableType
from edgeflow.contract.health_checks import EmittedCheck
from edgeflow.contract.nodes.kinds import NATIVE_TYPE
from edgeflow.contract.nodes.node_red import NativeSettings
from edgeflow.contract.references import PLACES

_ENV_TYPES: Final = {
    VariableType.STRING: "str",
    VariableType.NUMBER: "num",
    VariableType.BOOLEAN: "bool",
    VariableType.JSON: "json",
}


def required_types(definition: Definition) -> frozenset[str]:
    """Return the types that Node-RED must know to run a flow, with those that each tab is watched by."""
    types = {"catch", "status", "complete", "function"}
    for node in definition.nodes:
        if node.type == NATIVE_TYPE:
            types |= native_types(NativeSettings.model_validate(node.config))
        else:
            types |= TRANSLATIONS[node.type].needs
    return frozenset(types)


def translate(
    flow_id: str,
    version: InstalledVersion,
    definition: Definition,
    surroundings: Surroundings,
    secrets: Secrets = NO_SECRETS,
) -> Tab:
    """Return the tab of a version whose definition was found fit to run (:func:`check.check_for_node_red`).

    What refers to ``secrets``, those of the device, is kept as the tab's credentials.
    """
    named = secrets.named_by(definition)
    variables, _ = read_variables(definition, surroundings.overrides(flow_id))  # the check has refused faulty ones
    confidential = {
        node.id: frozenset(setting for setting, value in node.config.items() if names_secret(value))
        for node in definition.nodes
        if node.type in PLACES
    }
    definition = _filled(definition, Values(variables=variables, secrets=named))
    wires: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for connection in definition.connections:
        wires[connection.source][connection.port].append(connection.target)
    counted = frozenset(check.node for check in definition.health_checks if isinstance(check, EmittedCheck))
    for node in definition.nodes:
        if node.id in counted:
            for port in _ports(node):
                wires[node.id][port].append(counter_of(node.id))
    name = TabName.of(surroundings.device_id, flow_id, version)
    redact = Redactor(named.values())
    draft = Draft(flow_id, name, surroundings, variables, wires, confidential=confidential, redact=redact)
    for node in definition.nodes:
        if node.type == NATIVE_TYPE:
            _take_native(draft, node)
            continue
        fault = surroundings.start_fault(
            node,
            device_id=surroundings.device_id,
            flow_id=flow_id,
            hardware=surroundings.hardware,
            variables=variables,
        )
        if fault is None:
            TRANSLATIONS[node.type].translate(draft, node)
        else:
            draft.faults[node.id] = fault
    draft.finish()
    tab = {
        "id": name.tab_id,
        "type": "tab",
        "label": f"{flow_id} version {version.version} ({version.slot.value})",
        "disabled": False,
        "info": "Deployed by the EdgeFlow agent, which replaces it with the next version: changes here are lost.",
        "env": [
            *_environment(definition, surroundings.overrides(flow_id)),
            *draft.environment.values(),
            *credential_entries(draft.credentials, {each: secrets.marks.get(each, "") for each in named}),
        ],
    }
    if draft.credentials:
        tab["credentials"] = dict(draft.credentials)
    return Tab(
        name,
        (
            tab,
            *draft.items,
            *monitor_items(name, draft.owners, _scripts(draft.items), draft.told_of_health),
            *counter_items(name, counted),
        ),
        frozenset(draft.silenced),
        draft.owners,
        draft.faults,
        frozenset(draft.may_be_offline),
        required_types(definition),
        draft.link_ends,
        redact,
        prove(definition, {node.id: _configured(node) for node in definition.nodes if node.type != NATIVE_TYPE}),
    )


def _filled(definition: Definition, values: Values) -> Definition:
    """Return a definition whose nodes have values in place of references."""
    nodes = (node.model_copy(update={"config": filled_config(node, values)}) for node in definition.nodes)
    return definition.model_copy(update={"nodes": tuple(nodes)})


def _ports(node: Node) -> frozenset[int]:
    kind, settings = _configured(node)
    return kind.ports(settings)


def _configured(node: Node) -> Configured:
    kind = NODE_KINDS[node.type]
    return kind, kind.settings_type.model_validate(node.config)


def _scripts(present: list[Item]) -> dict[str, list[str]]:
    """Return the texts of each function among these items."""
    return {
        item["id"]: [text for key in ("func", "initialize", "finalize") if isinstance(text := item.get(key), str)]
        for item in present
        if item["type"] == "function"
    }


def _environment(definition: Definition, overrides: Mapping[str, Any]) -> Iterator[Item]:
    """Yield the flow's variables, for native nodes to read as ``${name}`` or ``env.get("name")``."""
    for variable in definition.variables:
        value = overrides.get(variable.name, variable.value)
        text = value if isinstance(value, str) else as_json(value)
        yield {"name": variable.name, "type": _ENV_TYPES[variable.type], "value": text}


def _take_native(draft: Draft, node: Node) -> None:
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
