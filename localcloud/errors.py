"""What can go wrong with the local cloud, told in a sentence."""


class LocalCloudError(Exception):
    """The text is a sentence for people, and says what to do."""
