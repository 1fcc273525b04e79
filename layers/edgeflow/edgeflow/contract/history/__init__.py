"""Histories: what is kept of each change of a deployment or a flow, as it is stored and as the API shows it.

To these models keys and types are only added, for nothing that is stored is ever changed.
"""
