"""What a deployment failed of, in a sentence for its ``status_reason``; each target says its own in ``message``."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import Target, TargetStatus

MAX_MESSAGE: Final = 300
MAX_CAUSE_LENGTH: Final = 500
_ITS_OWN: Final = frozenset({TargetStatus.FAILED, TargetStatus.ROLLED_BACK})
"""A target that has returned keeps the reason for which it had failed."""
_OF_OTHERS: Final = frozenset({Reason.ABORTED, Reason.CANCELLED, Reason.NOT_REACHED, Reason.OFFLINE, Reason.MOVED_ON})
"""What happened to a target because of others."""


def first_cause(targets: Iterable[Target]) -> str:
    """Return the cause of the first target that failed by itself, and how many more did; empty where none did."""
    failed = sorted(
        (target for target in targets if target.status in _ITS_OWN and target.reason not in {None, *_OF_OTHERS}),
        key=lambda target: (target.wave, target.device_id),
    )
    if not failed:
        return ""
    first = failed[0]
    why = f": {first.message[:MAX_MESSAGE]}" if first.message else ""
    more = f" ({len(failed) - 1} more failed)" if len(failed) > 1 else ""
    return f"; {first.device_id} failed as {first.reason}{why}{more}"


def what_broke(told: Mapping[str, Any] | str) -> str:
    """Return what broke an execution, as people read it; empty where nothing did.

    ``told`` is the error that a state has caught, with ``Error`` and, unless AWS leaves it out, ``Cause``; or of
    an execution that began with an earlier definition ``Error: Cause``. Where a function failed, the cause is
    Lambda's JSON with the whole stack trace, of which the message is enough. Where an execution failed that this one
    had started, it is Step Functions' JSON of that one, with an error and a cause of its own. The logs have the rest.
    """
    if isinstance(told, str):
        return _read(told)
    return _read(f"{told.get('Error') or 'an error without a name'}: {told.get('Cause') or 'no cause was given'}")


def _read(cause: str) -> str:
    error, _, told = cause.partition(": ")
    try:
        document = json.loads(told)
    except ValueError:
        return cause[:MAX_CAUSE_LENGTH]
    match document:
        case {"errorMessage": str(message)}:
            return f"{error}: {message}"[:MAX_CAUSE_LENGTH]
        case {"Error": str(inner)}:
            return _read(f"{inner}: {document.get('Cause') or 'no cause was given'}")
        case _:
            return cause[:MAX_CAUSE_LENGTH]
