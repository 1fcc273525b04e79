"""The command line ``edgeflow``, for operators and pipelines, over :mod:`edgeflow.client`. See docs/cli.md."""
