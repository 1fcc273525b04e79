"""Plans a rollout; invoked by the strategies' state machines."""
