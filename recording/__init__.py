"""``python -m recording``: writes docs/cli.svg, what the command line shows of a rollout, by its own screens."""
