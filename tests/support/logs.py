"""What a function has logged."""

import json
import logging

import pytest


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Return everything that was logged: messages, what was added to them, and errors with their causes."""
    formatter = logging.Formatter()
    lines = []
    for record in caplog.records:
        error = formatter.formatException(record.exc_info) if record.exc_info else ""
        lines.append(json.dumps({**vars(record), "error": error}, default=str))
    return "\n".join(lines)
