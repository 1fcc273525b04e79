"""The agent as a process: its logs, its status, and what systemd hears of it."""
