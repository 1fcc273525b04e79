"""Operations that tell of the API itself. They need no token: what they say is in the source, and of no fleet."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from api.operations.operation import HTML, Operation

_PUBLIC: Final = partial(Operation, scope=None)

OPERATIONS: Final[Mapping[str, Mapping[str, Operation]]] = {
    "/v1/openapi.json": {
        "GET": _PUBLIC(id="readOpenapi", summary="Show the document of this API (OpenAPI 3.1)", answer=dict[str, Any]),
    },
    "/v1/docs": {
        "GET": _PUBLIC(id="readDocs", summary="Show that document as a page", answer=str, answer_type=HTML),
    },
}
