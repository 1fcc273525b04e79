"""Writes the list of node types."""

from pathlib import Path

from node_types.catalogue import PLACE, written

if __name__ == "__main__":
    root = Path(__file__).parent.parent
    (root / PLACE).write_text(written(root), encoding="utf-8")
