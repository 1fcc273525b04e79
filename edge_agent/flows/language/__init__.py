"""What a flow means, whatever runs it: each node's settings, expressions, templates, and the check of a flow."""
