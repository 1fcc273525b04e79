"""Flows and their versions: in the table, their bytes in the bucket, and signed."""
