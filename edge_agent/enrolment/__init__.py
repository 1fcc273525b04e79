"""How a device gets its certificate by claim, and renews it; its private key is made on it and never leaves it."""
