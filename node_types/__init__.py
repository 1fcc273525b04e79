"""Makes the list of node types that the API serves, from the models of their settings and from docs/nodes.md."""
