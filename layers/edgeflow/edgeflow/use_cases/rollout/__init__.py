"""A rollout and its way back: the steps of the state machines, and what those have in common."""
