"""Moments before and after each write to disk, at any of which the power can fail."""

from pathlib import Path

import pytest

import edge_agent.disk.state
import edge_agent.disk.store
from edge_agent.disk.files import write_atomically
from tests.unit.edge_agent.device import Power


def watch_writes(power: Power, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a moment before and after each write to disk; the disk itself is not waited for."""

    def write(path: Path, content: bytes) -> None:
        power.tick()
        write_atomically(path, content)
        power.tick()

    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr(edge_agent.disk.state, "write_atomically", write)
    monkeypatch.setattr(edge_agent.disk.store, "write_atomically", write)
