"""One module per operation, by subject. Adapters come in as arguments, typed by the protocols of ``ports``."""
