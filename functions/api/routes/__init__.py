"""Routes that change something, one module per kind of thing; those that only read are in ``reading``."""
