"""What ends a command with a sentence instead of a traceback.

OperationsError
├── Refused         nothing was done, and the sentence names the remedy
└── NotFinished     a part was done; the same command again goes on from there
"""


class OperationsError(Exception):
    """The command did not do what it was asked to; the message is for its user."""


class Refused(OperationsError):
    """Nothing was done; the message names the remedy."""


class NotFinished(OperationsError):
    """A part was done; the same command again goes on from there."""
