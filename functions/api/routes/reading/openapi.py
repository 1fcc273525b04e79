"""``/v1/openapi.json`` and ``/v1/docs``: what `make openapi` has written, as it stands."""

from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api.operations.operation import HTML, JSON

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped

_FOLDER: Final = Path(__file__).parents[2]
_HEADERS: Final = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
_POLICY: Final = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For the page, which itself forbids all that it could load, and every style but its own."""


@router.get("/v1/openapi.json")
def document() -> Response[str]:
    """Show the document of this API."""
    return Response(HTTPStatus.OK, JSON, _text("openapi.json"), headers={**_HEADERS})


@router.get("/v1/docs")
def docs() -> Response[str]:
    """Show it as a page."""
    headers = {**_HEADERS, "Content-Security-Policy": _POLICY}
    return Response(HTTPStatus.OK, f"{HTML}; charset=utf-8", _text("docs.html"), headers=headers)


@cache
def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
