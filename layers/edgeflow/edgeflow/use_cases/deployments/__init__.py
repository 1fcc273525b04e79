"""Deployments: what operators do with them, and what the reconciler does in their place."""
