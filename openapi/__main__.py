"""Writes the API's document, its page, and the parts of docs/api.md that it says."""

from pathlib import Path

from openapi.files import write

if __name__ == "__main__":
    write(Path(__file__).parent.parent)
