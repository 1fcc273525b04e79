"""Histories in tests."""

from edgeflow.contract.rest.events import Started
from edgeflow.domain.history import Entry, caller

ENTRY = Entry(at="2026-02-21T12:00:00.000Z", actor=caller("tests"), details=Started())
"""Something to tell, where it does not matter what."""
