"""When to ask again, and how long to wait before: full jitter, so that many clients do not come back together."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import httpx

from edgeflow.contract.rest.problem import Code

TRANSIENT: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""Answers that another try may change."""

IDEMPOTENCY_KEY: Final = "Idempotency-Key"


@dataclass(frozen=True)
class Retries:
    """How often a request is sent at most, and the waits between, in seconds.

    The wait before try ``n`` is drawn from 0 to ``first * 2 ** (n - 2)``, at most ``longest``. ``Retry-After`` is
    waited out in full, unless it is longer than ``patience``: then the error is the caller's.
    """

    tries: int = 5
    first: float = 0.5
    longest: float = 10
    patience: float = 60
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[float, float], float] = random.uniform

    def wait_before(self, next_try: int, retry_after: float | None) -> bool:
        """Wait until it is time for a try, counted from 1; False where there is to be none."""
        if next_try > self.tries or (retry_after or 0) > self.patience:
            return False
        drawn = self.draw(0, min(self.longest, self.first * 2 ** (next_try - 2)))
        self.sleep((retry_after or 0) + drawn)
        return True


def may_be_repeated(request: httpx.Request) -> bool:
    """Tell whether the request, carried out twice, does what it does once."""
    return request.method == "GET" or (request.method == "POST" and IDEMPOTENCY_KEY in request.headers)


def is_worth_another_try(request: httpx.Request, answer: httpx.Response) -> bool:
    """Tell whether an answer leaves room for another try: it is passing, and cannot have been the second effect."""
    if answer.status_code == HTTPStatus.CONFLICT:
        return _code(answer) == Code.IDEMPOTENCY_KEY_IN_USE
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return True  # it was turned away before anything was done
    return answer.status_code in TRANSIENT and may_be_repeated(request)


def was_never_sent(error: httpx.TransportError) -> bool:
    """Tell whether there was no connection to send the request by."""
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


def retry_after(answer: httpx.Response) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, a number or a date (RFC 9110); None where it says nothing."""
    told = answer.headers.get("Retry-After", "").strip()
    if told.isdecimal():
        return float(told)
    try:
        at = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (at.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _code(answer: httpx.Response) -> object:
    try:
        document = answer.json()
    except ValueError:
        return None
    return document.get("code") if isinstance(document, dict) else None
