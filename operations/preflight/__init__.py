"""Looks, and changes nothing: would a deployment to this account go well, and what would it meet."""
