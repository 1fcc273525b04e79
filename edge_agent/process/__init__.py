"""The agent as a process: its logs, its status, signals, and what systemd hears of it."""
