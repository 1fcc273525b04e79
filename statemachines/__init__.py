"""The state machines: what they are made of, and the ``.asl.json`` that comes of it, which template.yaml deploys.

``python -m statemachines`` (``make machines``) writes the files, and draws the graphs in docs/graphs.
"""
