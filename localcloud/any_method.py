"""Lets MiniStack read methods that take any other of their path, in the document that an API is made of.

API Gateway calls them ``x-amazon-apigateway-any-method``, and AWS SAM writes what has the method ``any`` so. MiniStack
1.5.33 answers by such a method, but passes it by where it reads a document. tests/integration/test_any_method.py runs
the emulator without this and fails as soon as it can do it by itself: this module and its call in launcher.py go then.
"""

from typing import Any, Final

from ministack.services import apigateway_v1

_ANY: Final = "x-amazon-apigateway-any-method"


def install() -> None:
    """Wrap the emulator's reading of one method. Call it once, before the emulator starts."""
    read = apigateway_v1._import_operation  # noqa: SLF001  the emulator has no hook for this

    def read_by_its_name(api_id: str, resource_id: str, method: str, *rest: Any) -> None:  # noqa: ANN401
        read(api_id, resource_id, "ANY" if method.lower() == _ANY else method, *rest)

    apigateway_v1._import_operation = read_by_its_name  # noqa: SLF001
    apigateway_v1._OPENAPI_HTTP_METHODS = {*apigateway_v1._OPENAPI_HTTP_METHODS, _ANY}  # noqa: SLF001
