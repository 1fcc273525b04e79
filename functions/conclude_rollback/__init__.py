"""Ends a rollback attempt; invoked by the last states of the rollback state machine."""
