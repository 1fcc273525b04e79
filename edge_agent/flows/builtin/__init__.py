"""The runtime that is the agent's own: the graph, its timers and messages, and how each type of node works.

:mod:`~edge_agent.flows.builtin.flow` runs one flow, within the process of a worker (:mod:`edge_agent.flows.workers`).
"""
