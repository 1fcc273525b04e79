"""What is different between two definitions of a flow: for programs by part, for people line by line."""

import difflib
import json
from typing import Any, Final

from edgeflow.contract.flow import Definition

_KEYED: Final = {"nodes": "id", "variables": "name", "health_checks": "name"}
"""Parts of a definition whose entries have a name of their own, and where it is."""


def differences(before: Definition, after: Definition) -> dict[str, Any]:
    """Return what was added, removed and changed of each part, by its entries' names; connections as they are."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    told: dict[str, Any] = {}
    for part, key in _KEYED.items():
        was, now = ({entry[key]: entry for entry in each[part]} for each in (old, new))
        told[part] = {
            "added": sorted(now.keys() - was.keys()),
            "removed": sorted(was.keys() - now.keys()),
            "changed": sorted(name for name in was.keys() & now.keys() if was[name] != now[name]),
        }
    told["connections"] = {
        "added": [each for each in new["connections"] if each not in old["connections"]],
        "removed": [each for each in old["connections"] if each not in new["connections"]],
    }
    return told


def lines(before: Definition, after: Definition, names: tuple[str, str]) -> list[str]:
    """Return a unified diff of both as JSON; empty when they are the same."""
    old, new = (json.dumps(each.model_dump(mode="json"), indent=2, ensure_ascii=False) for each in (before, after))
    return list(difflib.unified_diff(old.splitlines(), new.splitlines(), *names, lineterm=""))
