"""Ends a deployment; invoked by the last states of every state machine."""
