"""``/v1/node-types``: parse, call one use case, answer."""

from typing import Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api.answers import unless_known
from edgeflow.bootstrap import reads

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped

_KEPT: Final = "private, max-age=300"
"""The list changes only when the stack is updated; five minutes later every editor has the new one."""


@router.get("/v1/node-types")
def find() -> Response[str]:
    """List the types of node that flows can name."""
    return unless_known(router.current_event, reads.read_node_types()(), headers={"Cache-Control": _KEPT})
