"""Histories of deployments and flows."""

from edgeflow.adapters.history.history_store import HistoryStore
from edgeflow.bootstrap import stores
from edgeflow.bootstrap.clients import table
from edgeflow.use_cases.history.read_history import ReadHistory


def read_history() -> ReadHistory:
    """Return the reads behind ``GET …/events``."""
    return ReadHistory(HistoryStore(table()), stores.deployments(), stores.flows())
