"""Histories of deployments and flows, in the table."""
