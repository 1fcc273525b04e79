"""Making identifiers: a prefix and a ULID (time-ordered, 26 characters of Crockford's base 32)."""

import secrets
from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TIME_CHARACTERS = 10
_RANDOM_CHARACTERS = 16


def _encode(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, rest = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[rest])
    return "".join(reversed(characters))


def new_ulid(now: datetime) -> str:
    """Return 48 bits of milliseconds since 1970 and 80 random bits, as 26 characters that sort by time."""
    milliseconds = int(now.timestamp() * 1_000)
    return _encode(milliseconds, _TIME_CHARACTERS) + _encode(secrets.randbits(80), _RANDOM_CHARACTERS)


def new_flow_id(now: datetime) -> str:
    """Return a fresh flow id such as ``flow_01J9Z3…``."""
    return f"flow_{new_ulid(now)}"


def new_deployment_id(now: datetime, stack: str) -> str:
    """Return a fresh deployment id such as ``dep_5f3a9c0101J9Z3…``, whose first characters tell the stack.

    Its jobs are named after it, and AWS IoT knows one list of jobs for an account: so the roles of a stack can be
    bounded to the stack's own.
    """
    return f"dep_{stack}{new_ulid(now)}"
