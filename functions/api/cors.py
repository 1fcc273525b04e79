"""Cross-origin requests: which pages may read an answer (CORS). They are those of the one origin that the stack names.

API Gateway answers the request that a browser sends first (OPTIONS), and what it refuses itself; see template.yaml.
"""

from collections.abc import Mapping
from typing import Any, Final

from edgeflow.settings import setting

NOBODY: Final = "none"
"""Stands for no origin."""
EXPOSED: Final = ("Allow", "ETag", "Idempotency-Replayed", "Location", "Retry-After")
"""Headers of answers that a page may read beside those that every page may."""


def headers_for(event: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the headers that every answer to a request gets; none where no other origin is let in.

    What is kept by a cache is kept apart for each origin, also for those that are not let in.
    """
    allowed = setting("CORS_ORIGIN")
    if allowed == NOBODY:
        return {}
    headers = {"Vary": ["Origin"]}
    if _origin_of(event) == allowed:
        headers |= {
            "Access-Control-Allow-Origin": [allowed],
            "Access-Control-Expose-Headers": [", ".join(EXPOSED)],
        }
    return headers


def _origin_of(event: Mapping[str, Any]) -> str | None:
    """Return where the page comes from that asks; None for whoever is no browser, or says so twice."""
    told = [
        value
        for name, values in (event.get("multiValueHeaders") or {}).items()
        if name.lower() == "origin"
        for value in values
    ]
    return told[0] if len(told) == 1 else None
