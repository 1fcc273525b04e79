"""Which methods each path takes, by the operations that are declared. Tests hold them to the routes."""

import re
from collections.abc import Iterable, Mapping
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


def methods_of(operations: Iterable[str]) -> list[str]:
    """Return all methods of a path that has these operations, as ``Allow`` names them.

    What can be read can be asked for its headers alone, and OPTIONS of every path is answered by API Gateway.
    """
    named = set(operations)
    return sorted(named | {"OPTIONS"} | ({"HEAD"} if "GET" in named else set()))


def taken_by(path: str) -> Mapping[str, Operation]:
    """Return the operations of a request's path by their methods; none when there is no such path."""
    for route, methods in ROUTES.items():
        if re.fullmatch(f"(?:{BASE_PATH})?" + re.sub(r"<\w+>", "[^/]+", re.escape(route)) + "/?", path):
            return methods
    return {}
