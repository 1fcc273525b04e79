"""Which methods each path takes, by the operations that are declared. Tests hold them to the routes."""

import re
from collections.abc import Mapping
from typing import Final

from api.operations import deployments, devices, flows, node_types, openapi
from api.operations.operation import Operation

BASE_PATH: Final = "/api"
"""Comes before ``/v1`` where a custom domain maps it, as the stage of this name does without one."""

ROUTES: Final[Mapping[str, Mapping[str, Operation]]] = {
    **flows.OPERATIONS,
    **deployments.OPERATIONS,
    **devices.OPERATIONS,
    **node_types.OPERATIONS,
    **openapi.OPERATIONS,
}


def taken_by(path: str) -> Mapping[str, Operation]:
    """Return the operations of a request's path by their methods; none when there is no such path."""
    for route, methods in ROUTES.items():
        if re.fullmatch(f"(?:{BASE_PATH})?" + re.sub(r"<\w+>", "[^/]+", re.escape(route)) + "/?", path):
            return methods
    return {}
