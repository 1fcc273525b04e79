"""Routes that only read, one module per kind of thing."""
