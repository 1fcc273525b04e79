"""Histories of deployments and flows."""
