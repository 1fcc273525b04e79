"""Flows: drafts, versions, and what an operator does with them."""
