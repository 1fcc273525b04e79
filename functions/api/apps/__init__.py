"""Entry points: one function, with its own role, for each kind of work that requests ask for."""
