"""Plans a rollback; invoked by the rollback state machine."""
