"""Runs each version of a flow in a process of its own, a worker, so that none can take the agent down with it.

    agent ── forks early ──> fork server ── forks ──> worker of (flow, slot)
      └────────────── channel: frames, both ways ──────────┘

The agent's side (:mod:`.runtime`, :mod:`.supervisor`, :mod:`.flow_worker`, :mod:`.process`, :mod:`.hub`) imports no
node. The other side is :mod:`.fork_server` and :mod:`.worker`, which alone knows the built-in runtime. What both sides
say to each other is in :mod:`.channel`, :mod:`.orders` and :mod:`.sayings`.
"""
