"""Lets MiniStack's CloudFront forward requests to an API of its API Gateway.

A distribution may have a REST API as its origin, by the API's address (``{api}.execute-api.{region}.amazonaws.com``);
so the stack's console and the API that it calls are of one origin. MiniStack 1.5.33 answers 502 for it, because it
dials no address of AWS. tests/integration/test_api_origin.py runs the emulator without this and fails as soon as it
can do it by itself: this module and its call in launcher.py go then.
"""

import re
from collections.abc import Mapping
from http.client import responses
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from ministack import app
from ministack.services import apigateway_v1, cloudfront

_ADDRESS: Final = re.compile(r"(?P<api>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com", re.IGNORECASE)


def install() -> None:
    """Wrap the emulator's way of asking an origin. Call it once, before the emulator starts."""
    fetch = cloudfront._fetch_from_origin  # noqa: SLF001  the emulator has no hook for this

    async def fetch_also_from_apis(origin: Mapping[str, Any], *request: Any) -> tuple[int, str, dict[str, Any], bytes]:  # noqa: ANN401
        address = _ADDRESS.fullmatch(origin["domain_name"])
        if address is None or apigateway_v1.find_api_scope(address["api"]) is None:
            answer: tuple[int, str, dict[str, Any], bytes] = await fetch(origin, *request)
            return answer
        method, uri, query, headers, body, _is_https, client_ip, forwarded_for, _distribution = request
        sent = cloudfront._origin_request_headers(origin, headers, client_ip, forwarded_for)  # noqa: SLF001
        status, told, data = await app._handle_execute_api_request(  # noqa: SLF001
            "localhost",
            f"/_aws/execute-api/{address['api']}{origin.get('origin_path') or ''}{unquote(uri)}",
            method,
            {name.lower(): value for name, value in sent.items()},
            body or b"",
            parse_qs(query, keep_blank_values=True),
        )
        return status, responses.get(status, ""), {name.lower(): value for name, value in told.items()}, data

    cloudfront._fetch_from_origin = fetch_also_from_apis  # noqa: SLF001
