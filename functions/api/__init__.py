"""The REST API: one function behind every route of ``/v1``."""
