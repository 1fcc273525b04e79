"""Carries out what the state machines ask for through the dispatch queue."""
