"""Times that the environment sets, in seconds there."""

from datetime import timedelta

from edgeflow.settings import setting


def health_window() -> timedelta:
    """Return how long a new version has to be well before its device reports a success."""
    return timedelta(seconds=float(setting("HEALTH_WINDOW_SECONDS")))


def watch_every() -> timedelta:
    """Return how often a device reports while its deployment is open."""
    return timedelta(seconds=float(setting("WATCH_SECONDS")))


def drop_off() -> timedelta:
    """Return how long a device may be gone before it has failed."""
    return timedelta(seconds=float(setting("DROP_OFF_SECONDS")))


def reconcile_grace() -> timedelta:
    """Return how long the reconciler leaves what is young to the events on their way."""
    return timedelta(seconds=float(setting("RECONCILE_GRACE_SECONDS")))
