"""Repairs, every few minutes, what lost events left behind; finds nothing in a run without faults."""
