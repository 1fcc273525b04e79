"""The composition root keeps what it made; a test that gives it other settings begins with nothing."""

import importlib
import pkgutil

from edgeflow import bootstrap


def forget() -> None:
    """Forget every adapter and operation that was made."""
    for found in pkgutil.iter_modules(bootstrap.__path__, f"{bootstrap.__name__}."):
        for made in vars(importlib.import_module(found.name)).values():
            if hasattr(made, "cache_clear"):
                made.cache_clear()
