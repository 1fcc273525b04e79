"""How things at rest look in answers."""
