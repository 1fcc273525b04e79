"""What a function is told by its environment. Each value is read when it is first needed, never at import."""

import os


class MissingSetting(RuntimeError):
    """An environment variable is not set; template.yaml sets it for the functions that need it."""


def setting(name: str) -> str:
    """Return an environment variable.

    Raises:
        MissingSetting: it is unset or empty.
    """
    value = os.environ.get(name, "")
    if not value:
        message = f"environment variable {name} is not set"
        raise MissingSetting(message)
    return value
