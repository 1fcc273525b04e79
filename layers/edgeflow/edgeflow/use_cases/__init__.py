"""One module per operation. Adapters come in as arguments, typed by the protocols in ``ports``."""
