"""Writes each machine's definition."""

from pathlib import Path

from statemachines.files import write

if __name__ == "__main__":
    write(Path(__file__).parent)
