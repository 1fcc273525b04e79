"""The names by which packages bring node types; see docs/write-a-node.md.

Nothing of the agent is here: what these names stand for may move, the names do not.
"""
