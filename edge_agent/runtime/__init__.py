"""Runs flows on a device: the graph, its timers and messages, and the node types.

:mod:`~edge_agent.runtime.flow` runs one flow, :mod:`~edge_agent.runtime.check` says beforehand whether a flow makes
sense on this device, and :mod:`~edge_agent.runtime.nodes` holds the node types.
"""
