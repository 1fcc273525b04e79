"""Operations of ``/v1/node-types``."""

from collections.abc import Mapping
from typing import Final

from api.operations.operation import Operation, Scope
from edgeflow.contract.rest.node_types import NodeTypeList

OPERATIONS: Final[Mapping[str, Mapping[str, Operation]]] = {
    "/v1/node-types": {
        "GET": Operation(
            id="listNodeTypes",
            summary="List the types of node that flows can name",
            scope=Scope.READ,
            conditions=("If-None-Match",),
            answer=NodeTypeList,
            tagged=True,
        ),
    },
}
