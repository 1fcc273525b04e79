"""Counts in sentences, so that none says ``1 devices``. A test looks that texts with counts are made by these."""

_VOWELS = "aeiou"


def counted(count: int, noun: str, one: str = "", many: str = "") -> str:
    """Write a count with its noun, ``1 device`` or ``12 devices``; with verbs as well, ``1 device runs``.

    ``noun`` is singular; its plural ends in s, es (batch) or ies (canary). ``one`` and ``many`` are the verb's forms.
    """
    words = [str(count), noun if count == 1 else _plural(noun)]
    if one:
        words.append(agreeing(count, one, many))
    return " ".join(words)


def agreeing(count: int, one: str, many: str) -> str:
    """Return the form of a word that goes with this count: 0 takes that of many."""
    return one if count == 1 else many


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in _VOWELS:
        return f"{noun[:-1]}ies"
    if noun.endswith(("ch", "sh", "s", "x")):
        return f"{noun}es"
    return f"{noun}s"
