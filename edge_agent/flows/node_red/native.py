"""Flows as Node-RED exports them, taken into a tab of ours: their ids are made new, and nothing else is changed."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from edge_agent.flows.node_red.client import Item
from edgeflow.contract.nodes.node_red import NativeSettings
from edgeflow.contract.wording import counted

MUTED_TYPES: Final = frozenset({
    "email",
    "exec",
    "file",
    "http in",  # the live version has the same address
    "http request",
    "http response",
    "mqtt out",
    "tcp out",
    "tcp request",
    "udp out",
    "websocket out",
    "link call",  # may call a flow by a name that is made at run time, so also one that is not ours
})  # fmt: skip
"""What acts on the world beyond its tab."""
_HARMLESS_ENDS: Final = frozenset({"debug", "link out", "comment", "catch", "status", "complete", "junction"})
"""Nodes that may have no outputs and still act on nothing."""
CONTAINERS: Final = frozenset({"tab", "subflow", "group"})
"""Items that are no nodes, so that Node-RED needs no type for them."""
_SUBFLOW: Final = "subflow:"
_NO_REFERENCE: Final = frozenset({"id", "type", "name", "label", "info"})


def native_faults(settings: NativeSettings) -> Iterator[str]:
    """Yield what is wrong within an export: ids that occur twice, and wires and links that lead out of it."""
    ids = Counter(item["id"] for item in settings.flows)
    yield from (
        f"flows: {counted(count, 'item', 'has', 'have')} the id {item_id}"
        for item_id, count in ids.items()
        if count > 1
    )
    for item in settings.flows:
        ends = [target for port in item.get("wires", []) for target in port]
        links = item.get("links")
        ends += [end for end in links if isinstance(end, str)] if isinstance(links, list) else []
        for end in dict.fromkeys(ends):
            if end not in ids:
                yield f"flows: {item['type']} {item['id']} leads to {end}, which is not among them; export it, too"


def native_types(settings: NativeSettings) -> frozenset[str]:
    """Return the types that Node-RED must know to run an export."""
    types = {item["type"] for item in settings.flows}
    return frozenset(name for name in types if name not in CONTAINERS and not name.startswith(_SUBFLOW))


def native_items(settings: NativeSettings, tab_id: str, rename: Callable[[str], str]) -> list[Item]:
    """Return the items with new ids, all that was on a tab now on this one. Tabs are left out: theirs is ours.

    Nodes of a tab that is disabled are disabled.
    """
    tabs = {item["id"]: item for item in settings.flows if item["type"] == "tab"}
    ids = {item["id"]: rename(item["id"]) for item in settings.flows} | dict.fromkeys(tabs, tab_id)
    configs = {item["id"] for item in settings.flows if _is_config(item)}
    taken = []
    for item in settings.flows:
        if item["id"] in tabs:
            continue
        new = _renamed(item, ids, configs)
        if not _is_config(item) and item["type"] != "subflow" and item.get("z") not in ids:
            new["z"] = tab_id
        if tabs.get(item.get("z", ""), {}).get("disabled"):
            new["d"] = True
        taken.append(new)
    return taken


def native_environment(settings: NativeSettings) -> Iterator[Mapping[str, Any]]:
    """Yield the environment variables of an export's tabs."""
    for item in settings.flows:
        if item["type"] == "tab" and isinstance(item.get("env"), list):
            yield from (entry for entry in item["env"] if isinstance(entry, dict) and "name" in entry)


def is_muted(item: Item, also: frozenset[str] = frozenset()) -> bool:
    """Tell whether a node acts on the world, so that it must be silent while its version stands by."""
    kind = item["type"]
    if kind in MUTED_TYPES or kind in also:
        return True
    ends_here = "wires" in item and not any(isinstance(port, list) for port in item["wires"])
    return ends_here and not _is_config(item) and kind not in _HARMLESS_ENDS and not kind.startswith(_SUBFLOW)


def _is_config(item: Item) -> bool:
    """Tell whether an item is a config node, by the rule that Node-RED has: it has no place in the editor."""
    return item["type"] not in CONTAINERS and not ("x" in item and "y" in item)


def _renamed(item: Item, ids: Mapping[str, str], configs: set[str]) -> Item:
    """Rewrite each reference and nothing that merely looks like one, such as a payload that equals some id."""

    def each(value: object) -> object:
        if isinstance(value, str):
            return ids.get(value, value)
        return [each(entry) for entry in value] if isinstance(value, list) else value

    new = dict(item)
    for key, value in item.items():
        match key:
            case "id" | "z" | "g" | "wires" | "links" | "scope":
                new[key] = each(value)
            case "nodes" if item["type"] == "group":
                new[key] = each(value)
            case "in" | "out" | "status" if item["type"] == "subflow":
                new[key] = _ports(value, ids)
            case _ if isinstance(value, str) and value in configs and key not in _NO_REFERENCE:
                new[key] = ids[value]
    kind, _, subflow = item["type"].partition(":")
    if kind == "subflow" and subflow in ids:
        new["type"] = f"{_SUBFLOW}{ids[subflow]}"
    return new


def _ports(ports: object, ids: Mapping[str, str]) -> object:
    """Rewrite the ports of a subflow: each has a place, and wires of the form ``{"id": …, "port": …}``."""
    if isinstance(ports, list):
        return [_ports(port, ids) for port in ports]
    if not isinstance(ports, dict):
        return ports
    wires = ports.get("wires")
    if not isinstance(wires, list):
        return ports
    return ports | {
        "wires": [
            wire | {"id": ids.get(str(wire.get("id")), wire.get("id"))} for wire in wires if isinstance(wire, dict)
        ]
    }
