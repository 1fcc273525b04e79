"""What the tests of the agent say at the end of a run."""

import pytest

from tests.support.crash_points import summary


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many points of the crash matrix were passed."""
    for line in summary():
        terminalreporter.write_line(line)
