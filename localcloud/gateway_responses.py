"""Lets MiniStack read what API Gateway answers by itself, in the document that an API is made of.

AWS SAM writes a template's ``GatewayResponses`` there, as ``x-amazon-apigateway-gateway-responses``. MiniStack 1.5.33
answers by such responses, but passes them by where it reads a document. tests/integration/test_gateway_responses.py
runs the emulator without this and fails as soon as it can do it by itself: this module and its call in launcher.py go
then.
"""

from http import HTTPStatus
from typing import Any, Final

from ministack.services import apigateway_v1

_RESPONSES: Final = "x-amazon-apigateway-gateway-responses"


def install() -> None:
    """Wrap the emulator's reading of a document. Call it once, before the emulator starts."""
    read = apigateway_v1._import_rest_api  # noqa: SLF001  the emulator has no hook for this

    def read_with_responses(document: dict[str, Any], settings: dict[str, Any] | None = None) -> str:
        api_id: str = read(document, settings)
        for kind, response in document.get(_RESPONSES, {}).items():
            status, _, told = apigateway_v1._put_gateway_response(api_id, kind, response)  # noqa: SLF001
            if status != HTTPStatus.CREATED:
                raise ValueError(told)
        return api_id

    apigateway_v1._import_rest_api = read_with_responses  # noqa: SLF001
