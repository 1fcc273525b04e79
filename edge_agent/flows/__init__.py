"""What runs the flows of a device.

``language`` is what a flow means, ``builtin`` and ``node_red`` run it. Neither of the two knows the other; the rest of
the agent knows :mod:`~edge_agent.flows.runtime`, and :mod:`~edge_agent.flows.open_runtime` chooses.
"""
