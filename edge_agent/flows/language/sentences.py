"""What the runtime says of faults, in a form that reports can carry."""

from pydantic import ValidationError


def fit(text: str, limit: int) -> str:
    """Return the text with at most so many characters, all of which can be sent as UTF-8."""
    sendable = text.encode(errors="replace").decode()
    return sendable if len(sendable) <= limit else sendable[: limit - 1] + "…"


def describe_faults(error: ValidationError) -> list[str]:
    """Return a clause for each fault in a node's settings, such as ``"interval: must be from 1s to 7d"``."""
    clauses = []
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(str(part) for part in fault["loc"])
        text = fault["msg"].removeprefix("Value error, ")
        clauses.append(f"{place}: {text}" if place else text)
    return clauses
