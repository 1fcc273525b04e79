"""Devices: reading, counting and removing them."""
