"""The agent as a process of the operating system."""
