"""How many points of the crash matrix were passed; told at the end of the run."""

from collections import Counter

_POINTS: Counter[str] = Counter()
_KINDS: Counter[str] = Counter()


def note_points(cause: str, job: str, steps: int) -> None:
    """Note that a kind of job was cut at so many steps by this cause, and all held."""
    _POINTS[cause] += steps
    _KINDS[cause] += 1


def summary() -> list[str]:
    """Return a line for each cause; none when nothing was cut."""
    return [
        f"crash matrix, {cause}: {_KINDS[cause]} kinds of jobs, cut at {points} points; after each the device was whole"
        for cause, points in sorted(_POINTS.items())
    ]
