"""JSON values compared as JSON does: ``true`` is not 1, ``1`` is ``1.0``, and the order of keys says nothing."""

import hashlib
import json
from typing import Final

from pydantic import JsonValue

MAX_PLAIN_FINGERPRINT: Final = 64
_WRITER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
"""Made once: ``json.dumps`` would make one for each value."""


def fingerprint(value: JsonValue) -> str:
    """Return a short text that two values share exactly when they are the same JSON value.

    It is at most ``MAX_PLAIN_FINGERPRINT`` characters long, so that remembering many large values takes little memory.

    Raises:
        ValueError: the value holds a number that is not finite.
    """
    text = _WRITER.encode(_canonical(value))
    return text if len(text) < MAX_PLAIN_FINGERPRINT else hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
