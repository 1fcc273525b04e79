"""Counts targets from the table's stream, and wakes the execution that waits for a wave."""
