"""What a package's node types are derived from."""
