"""The commands of ``edgeflow-agent``, one module each; ``add`` puts it into the command line.

``add(commands)`` adds a parser and sets its default ``carry_out``: a function that takes the parsed arguments and
returns the exit code. ConfigError and StateError are told by :func:`edge_agent.cli.main`, with exit code 2.
"""
