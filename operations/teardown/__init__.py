"""Tears a stack down: devices' certificates and things, executions, the stack, and its data if that is asked for."""
