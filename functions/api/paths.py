"""Which methods each path takes, so that a wrong method is told from a wrong path. A test holds it to the routes."""

import re
from typing import Final

BASE_PATH: Final = "/api"
"""Comes before ``/v1`` where a custom domain maps it, as the stage of this name does without one."""

METHODS: Final[dict[str, tuple[str, ...]]] = {
    "/v1/flows": ("GET", "POST"),
    "/v1/flows/<flow_id>": ("DELETE", "GET", "PUT"),
    "/v1/flows/<flow_id>/publish": ("POST",),
    "/v1/flows/<flow_id>/draft": ("POST",),
    "/v1/flows/<flow_id>/archive": ("POST",),
    "/v1/flows/<flow_id>/restore": ("POST",),
    "/v1/flows/<flow_id>/versions": ("GET",),
    "/v1/flows/<flow_id>/versions/<version>": ("GET",),
    "/v1/flows/<flow_id>/events": ("GET",),
    "/v1/deployments": ("GET", "POST"),
    "/v1/deployments/<deployment_id>": ("DELETE", "GET"),
    "/v1/deployments/<deployment_id>/targets": ("GET",),
    "/v1/deployments/<deployment_id>/events": ("GET",),
    "/v1/deployments/<deployment_id>/start": ("POST",),
    "/v1/deployments/<deployment_id>/pause": ("POST",),
    "/v1/deployments/<deployment_id>/rollback": ("POST",),
    "/v1/deployments/<deployment_id>/retry": ("POST",),
    "/v1/devices": ("GET", "POST"),
    "/v1/devices/<device_id>": ("DELETE", "GET"),
}


def methods_of(path: str) -> tuple[str, ...]:
    """Return the methods that a request's path takes; none when there is no such path."""
    for route, methods in METHODS.items():
        if re.fullmatch(f"(?:{BASE_PATH})?" + re.sub(r"<\w+>", "[^/]+", route), path):
            return methods
    return ()
