"""Lets MiniStack check who attaches policies by the certificate that gets one, as AWS IoT does.

AWS IoT authorizes AttachPolicy and DetachPolicy on the ARN of their target, a certificate or a thing group. MiniStack
1.5.33 looks at the path alone, which has the policy's name, finds no resource there and asks for a statement on ``*``.
tests/integration/test_policy_targets.py runs the emulator without this and fails as soon as it can do it by itself:
this module and its call in launcher.py go then.
"""

import json
from typing import Any, Final

from ministack.core import iam_actions

_PATH: Final = "/target-policies/"


def install() -> None:
    """Wrap the emulator's search for a request's resource. Call it once, before the emulator starts."""
    extract = iam_actions.extract_resource_arn

    def of_target(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:  # noqa: ANN401
        if service == "iot" and path.startswith(_PATH):
            return _target(body)
        return str(extract(service, method, path, headers, body, *rest))

    iam_actions.extract_resource_arn = of_target


def _target(body: bytes) -> str:
    try:
        target = json.loads(body)["target"]
    except (ValueError, LookupError, TypeError):
        return "*"
    return target if isinstance(target, str) else "*"
