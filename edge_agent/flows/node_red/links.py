"""Links between flows: EdgeFlow's have names, Node-RED's name the items that they lead to, on whatever tab."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from edge_agent.flows.node_red.client import Item


def joined(items: Iterable[Item], ends: Mapping[str, str]) -> list[Item]:
    """Return all items of all tabs, each ``link out`` of ours leading to every ``link in`` of its name.

    ``ends`` are the names of links by the ids of the items at their ends. Only a ``link out`` names the others, so that
    a flow which comes or goes changes nothing else of other tabs, and that node has nothing to lose by a restart.
    """
    all_items = list(items)
    listening: defaultdict[str, list[str]] = defaultdict(list)
    for item in all_items:
        if item["type"] == "link in" and item["id"] in ends:
            listening[ends[item["id"]]].append(item["id"])
    return [
        item | {"links": sorted(listening[ends[item["id"]]])}
        if item["type"] == "link out" and item["id"] in ends
        else item
        for item in all_items
    ]
