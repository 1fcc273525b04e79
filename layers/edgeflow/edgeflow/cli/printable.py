"""Texts of others on a terminal: what devices and colleagues wrote is shown, and never acted on."""

import unicodedata


def printable(text: str) -> str:
    """Return a text in one line without what a terminal would obey: control characters and turns of direction."""
    return "".join(" " if character in "\t\r\n" else character if _is_shown(character) else "�" for character in text)


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
