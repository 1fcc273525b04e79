"""What the main thread of ``edgeflow-agent run`` does while the agent runs."""

import signal
from typing import Any

import pytest

from edge_agent.commands import run


class Inbox:
    """Nothing comes twice, then what it was made with."""

    def __init__(self, last: signal.Signals | None) -> None:
        self._comes = iter([TimeoutError(), TimeoutError(), last])

    def read(self, patience: float | None = None) -> signal.Signals | None:
        """See SignalInbox."""
        assert patience is not None
        comes = next(self._comes)
        if isinstance(comes, TimeoutError):
            raise comes
        return comes


@pytest.mark.parametrize("last", [signal.SIGTERM, None])
def test_pages_of_code_are_given_back_while_nothing_comes(
    monkeypatch: pytest.MonkeyPatch, last: signal.Signals | None
) -> None:
    given: list[bool] = []
    monkeypatch.setattr(run, "give_back_pages", lambda: given.append(True))
    inbox: Any = Inbox(last)
    agent: Any = None
    assert run._obey(inbox, agent) is (last is not None), "a signal stops it; else it can do no more jobs"  # noqa: SLF001  the main thread's loop has no other way in
    assert len(given) == 2
