"""The agent's built-in runtime beside Node-RED: the same flows, one machine, one run. See docs/benchmarks.md."""
