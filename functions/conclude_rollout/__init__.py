"""Ends a rollout; invoked by the last states of the strategies' state machines."""
