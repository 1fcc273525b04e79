"""Which methods each path takes, and what of a request each of them looks at. Tests hold it to the routes."""

import re
from dataclasses import dataclass
from typing import Final

BASE_PATH: Final = "/api"
"""Comes before ``/v1`` where a custom domain maps it, as the stage of this name does without one."""


@dataclass(frozen=True, slots=True)
class Takes:
    """What a method of a path looks at beside the path: whatever else a request brings is refused, not ignored."""

    body: bool = False
    query: bool = False
    conditions: tuple[str, ...] = ()


_NOTHING: Final = Takes()
_LIST: Final = Takes(query=True)
_WATCHED: Final = Takes(conditions=("If-None-Match",))
_WATCHED_LIST: Final = Takes(query=True, conditions=("If-None-Match",))
_BODY: Final = Takes(body=True)
_MOVE: Final = Takes(conditions=("If-Match",))

ROUTES: Final[dict[str, dict[str, Takes]]] = {
    "/v1/flows": {"GET": _LIST, "POST": _BODY},
    "/v1/flows/<flow_id>": {
        "DELETE": _MOVE,
        "GET": _WATCHED,
        "PATCH": Takes(body=True, conditions=("If-Match",)),
        "PUT": Takes(body=True, conditions=("If-Match",)),
    },
    "/v1/flows/<flow_id>/publish": {"POST": _MOVE},
    "/v1/flows/<flow_id>/draft": {"POST": _MOVE},
    "/v1/flows/<flow_id>/archive": {"POST": _MOVE},
    "/v1/flows/<flow_id>/restore": {"POST": _MOVE},
    "/v1/flows/<flow_id>/versions": {"GET": _LIST},
    "/v1/flows/<flow_id>/versions/<version>": {"GET": _NOTHING},
    "/v1/flows/<flow_id>/events": {"GET": _LIST},
    "/v1/node-types": {"GET": _WATCHED},
    "/v1/deployments": {"GET": _WATCHED_LIST, "POST": _BODY},
    "/v1/deployments/<deployment_id>": {"DELETE": _NOTHING, "GET": _WATCHED},
    "/v1/deployments/<deployment_id>/targets": {"GET": _WATCHED_LIST},
    "/v1/deployments/<deployment_id>/targets/<device_id>/skip": {"POST": _NOTHING},
    "/v1/deployments/<deployment_id>/events": {"GET": _LIST},
    "/v1/deployments/<deployment_id>/start": {"POST": _NOTHING},
    "/v1/deployments/<deployment_id>/pause": {"POST": _NOTHING},
    "/v1/deployments/<deployment_id>/resume": {"POST": _BODY},
    "/v1/deployments/<deployment_id>/promote": {"POST": _NOTHING},
    "/v1/deployments/<deployment_id>/cancel": {"POST": _NOTHING},
    "/v1/deployments/<deployment_id>/rollback": {"POST": _NOTHING},
    "/v1/deployments/<deployment_id>/retry": {"POST": _BODY},
    "/v1/devices": {"GET": _WATCHED_LIST, "POST": _BODY},
    "/v1/devices/summary": {"GET": _WATCHED},
    "/v1/devices/<device_id>": {"DELETE": _NOTHING, "GET": _WATCHED},
}


def taken_by(path: str) -> dict[str, Takes]:
    """Return the methods that a request's path takes, with what they look at; none when there is no such path."""
    for route, methods in ROUTES.items():
        if re.fullmatch(f"(?:{BASE_PATH})?" + re.sub(r"<\w+>", "[^/]+", route) + "/?", path):
            return methods
    return {}
