"""Certificates of devices, on their records in the table."""
