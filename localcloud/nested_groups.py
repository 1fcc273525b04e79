"""Lets MiniStack list the things of a thing group with those of the groups below it, which it leaves out.

AWS IoT's ListThingsInThingGroup takes ``recursive``. MiniStack 1.5.33 lists only the group itself, whatever is asked.
So such a call is answered with the members of the whole tree. tests/integration/test_thing_groups.py runs the emulator
without this and fails as soon as it can do it by itself: this module and its call in launcher.py go then.
"""

import json
from typing import Any

from ministack.services import iot


def install() -> None:
    """Wrap the emulator's way of answering a request. Call it once, before the emulator starts."""
    route_request = iot._route_request  # noqa: SLF001  the emulator has no hook for this

    async def with_nested(method: str, path: str, headers: Any, body: bytes, query: dict[str, Any]) -> Any:  # noqa: ANN401
        status, answer_headers, answer = await route_request(method, path, headers, body, query)
        asked = query.get("recursive", "false")
        recursive = (asked[0] if isinstance(asked, list) else asked) == "true"
        group_name = path.removeprefix("/thing-groups/").removesuffix("/things")
        if recursive and status == 200 and path == f"/thing-groups/{group_name}/things":  # noqa: PLR2004  OK
            answer = json.dumps({"things": _members(group_name)}).encode()
        return status, answer_headers, answer

    iot._route_request = with_nested  # noqa: SLF001


def _members(group_name: str) -> list[str]:
    groups = iot._thing_groups  # noqa: SLF001
    found = dict.fromkeys(groups[group_name].get("things", []))
    for name, group in list(groups.items()):
        if (group.get("thingGroupMetadata") or {}).get("parentGroupName") == group_name:
            found |= dict.fromkeys(_members(name))
    return list(found)
