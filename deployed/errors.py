"""What ends a command with a sentence instead of a traceback."""


class StackError(Exception):
    """The text is a sentence for people, and says what to do."""
