"""Publishes an event whenever a deployment's status changes."""
