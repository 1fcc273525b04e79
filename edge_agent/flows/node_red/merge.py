"""The full set of flows with our tabs as they are to be, and everything else as it is."""

from collections.abc import Mapping, Sequence

from edge_agent.flows.node_red.client import Item


def arranged(present: Sequence[Item], wanted: Sequence[Item], family: str) -> list[Item] | None:
    """Return the full set with exactly these items of ours in it; None when it is so already.

    Ours are those whose id begins with the family's name. Of the others none is changed or moved; only what somebody
    put on a tab of ours goes with the tab. Properties that Node-RED's editor added to an item of ours do not count.
    """
    ours = {item["id"]: item for item in wanted}
    tabs = {item["id"] for item in wanted if item["type"] == "tab"}
    kept: list[Item] = []
    changed = False
    for item in present:
        if not item["id"].startswith(family):
            gone = str(item.get("z", "")).startswith(family) and _tab_of(item, family) not in tabs
            changed |= gone
            kept += [] if gone else [item]
            continue
        asked = ours.pop(item["id"], None)
        if asked is not None and _is_as_asked(item, asked):
            kept.append(item)
            continue
        changed = True
        kept += [] if asked is None else [asked]
    return [*kept, *ours.values()] if changed or ours else None


def _tab_of(item: Item, family: str) -> str:
    """Return the id of our tab that a foreign item is on, also of one in a subflow of ours."""
    tab, _, _ = str(item["z"])[len(family) :].partition("_")
    return family + tab


def _is_as_asked(item: Item, asked: Mapping[str, object]) -> bool:
    if bool(item.get("d")) != bool(asked.get("d")):
        return False
    # Node-RED never gives credentials back.
    return all(item.get(key) == value for key, value in asked.items() if key not in {"d", "credentials"})
