"""Lets MiniStack end when it is told to, although something in it still waits.

MiniStack 1.5.33 saves its state and closes its ports, but the process then stays for as long as an execution waits for
a nested one, or a stack for a signal: half an hour, where a wave may take that long. So it ends as soon as it has shut
down. tests/integration/test_prompt_end.py runs the emulator without this and fails as soon as it can do it by itself:
this module and its call in launcher.py go then.
"""

import os
from typing import Any

from ministack import app


def install() -> None:
    """Wrap the emulator's way of answering. Call it once, before the emulator starts."""
    answer = app.app

    async def answer_and_end(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401  ASGI's own
        await answer(scope, receive, send)
        if scope["type"] == "lifespan":
            os._exit(0)

    app.app = answer_and_end
