"""The composition root keeps what it made; a test that gives it other settings begins with nothing."""

from edgeflow import bootstrap


def forget() -> None:
    """Forget every adapter and operation that was made."""
    for made in vars(bootstrap).values():
        if hasattr(made, "cache_clear"):
            made.cache_clear()
