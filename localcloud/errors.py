"""What can go wrong with the local cloud, told in a sentence."""

from deployed.errors import StackError


class LocalCloudError(StackError):
    """The text is a sentence for people, and says what to do."""
