"""Writes each machine's definition, and draws it."""

from pathlib import Path

from statemachines.files import write

if __name__ == "__main__":
    write(Path(__file__).parent.parent)
