"""Devices, and what they say of themselves, in the table; their things and certificates in AWS IoT."""
