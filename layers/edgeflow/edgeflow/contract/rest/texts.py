"""Texts that people write for people: something of them can be seen, and nothing of them acts on a screen or a log."""

import unicodedata
from typing import Final

from pydantic import AfterValidator, BeforeValidator

_SHOWS_NOTHING: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols by their category, but blank: fillers of Hangul, the empty pattern of Braille."""
_TURNS_TEXT: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They change the direction in which what follows is shown, beyond the text that they are in."""
_BREAKS_LINES: Final = frozenset("\t\n\r")


def _is_seen(character: str) -> bool:
    """Tell whether it shows by itself: a mark (M) changes the character before it, and shows nothing without one."""
    return unicodedata.category(character)[0] not in "CMZ" and character not in _SHOWS_NOTHING


def _acts(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Zl", "Zp"} or character in _TURNS_TEXT


def _one_line(value: object) -> object:
    if isinstance(value, str) and any(_acts(character) for character in value):
        message = "must be one line, without control characters"
        raise ValueError(message)
    return value


def _seen(text: str) -> str:
    if text and not any(_is_seen(character) for character in text):
        message = "must have a character that can be seen"
        raise ValueError(message)
    return text


def _some_lines(text: str) -> str:
    if any(_acts(character) and character not in _BREAKS_LINES for character in text):
        message = "must have no control characters but tabs and ends of lines"
        raise ValueError(message)
    return text


ONE_LINE: Final = BeforeValidator(_one_line)
"""Of a name, looked at before white space is stripped from its ends."""
SEEN: Final = AfterValidator(_seen)
"""Of a name: something of it can be seen, unless it is empty."""
SOME_LINES: Final = AfterValidator(_some_lines)
"""Of a description: any number of lines."""
