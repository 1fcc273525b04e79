"""What a check found, why it matters, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is. Only an error makes the command fail."""

    ERROR = "error"
    WARNING = "warning"
    WELL = "well"


@dataclass(frozen=True)
class Finding:
    """``check`` is the name of the check; ``why`` and ``remedy`` are empty where all is well."""

    check: str
    severity: Severity
    what: str
    why: str = ""
    remedy: str = ""


def well(check: str, what: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(check, Severity.WELL, what)


def error(check: str, what: str, *, why: str, remedy: str) -> Finding:
    """Say what would keep the deployment, or the stack, from working."""
    return Finding(check, Severity.ERROR, what, why, remedy)


def warning(check: str, what: str, *, why: str, remedy: str) -> Finding:
    """Say what may go badly later."""
    return Finding(check, Severity.WARNING, what, why, remedy)


def could_not_look(check: str, reason: str) -> Finding:
    """Say that a check learned nothing."""
    return warning(
        check,
        f"could not look: {reason}",
        why="what it would have found is not known",
        remedy="allow the action to these credentials, or run this with others",
    )
