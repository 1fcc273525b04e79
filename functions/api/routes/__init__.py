"""Routes, one module per kind of thing."""
