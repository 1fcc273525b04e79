"""httpx over functions/api in this process: what a client sends reaches the function as by API Gateway."""

from collections.abc import Callable

import httpx

from tests.support.rest import Rest

URL = "https://api.test/api/v1"
"""The address of the API behind it."""


class HandlerTransport(httpx.BaseTransport):
    """Calls the API's handler. ``on_way`` may answer in its place, or raise what a network raises.

    Without an API behind it, all is answered as a list of flows that is empty.
    """

    def __init__(self, rest: Rest | None) -> None:
        """Hand requests to this."""
        self._rest = rest
        self.requests: list[httpx.Request] = []
        self.on_way: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
        self.on_way_back: Callable[[httpx.Request], None] = lambda _: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx.BaseTransport."""
        self.requests.append(request)
        instead = self.on_way(request)
        if instead is not None:
            return instead
        if self._rest is None:
            return httpx.Response(200, json={"flows": [], "next_cursor": None}, request=request)
        query = {name: request.url.params.get_list(name) for name in request.url.params}
        headers = {name.title(): value for name, value in request.headers.items()}
        answer = self._rest(
            request.method,
            request.url.raw_path.decode().partition("?")[0],
            request.read().decode() or None,
            query=query,
            headers=headers,
        )
        self.on_way_back(request)
        return httpx.Response(answer.status, headers=answer.headers, text=answer.text, request=request)
