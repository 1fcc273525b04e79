"""Writes the recording."""

from pathlib import Path

from recording.story import PLACE, written

if __name__ == "__main__":
    (Path(__file__).parent.parent / PLACE).write_text(written(), encoding="utf-8")
