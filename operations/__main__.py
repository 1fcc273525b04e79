"""Runs a command: ``python -m operations teardown edgeflow-dev``."""

import sys

from operations.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
