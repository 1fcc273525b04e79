"""Lets MiniStack take a certificate off its thing later, as AWS IoT does; by itself it does so before it answers.

AWS: "This call is asynchronous. It might take several seconds for the detachment to propagate." Until then the thing
lists the certificate, and neither can be deleted. ``DETACH_SECONDS`` is how long (:mod:`localcloud.lags`).
"""

import asyncio
from typing import Any

from ministack.core.responses import json_response
from ministack.services import iot

from localcloud import lags


def install() -> None:
    """Wrap the emulator's way to detach, if that is to lag. Call it once, before the emulator starts."""
    seconds = lags.number(lags.DETACH_SECONDS)
    if not seconds:
        return
    handle = iot._handle_thing_principals  # noqa: SLF001  the emulator has no hook for this
    under_way: set[asyncio.Task[None]] = set()

    def detach_later(method: str, path: str, headers: Any, body: bytes, query: dict[str, Any]) -> Any:  # noqa: ANN401
        name = path.removeprefix("/things/").removesuffix("/principals")
        if method != "DELETE" or name not in iot._things or not lags.is_late([name]):  # noqa: SLF001
            return handle(method, path, headers, body, query)

        async def wait_and_detach() -> None:
            await asyncio.sleep(seconds)
            handle(method, path, headers, body, query)  # of what is gone meanwhile nothing is left to detach

        task = asyncio.create_task(wait_and_detach())  # in this request's account and region
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        return json_response({})

    iot._handle_thing_principals = detach_later  # noqa: SLF001
