"""Every operation of the API: what it takes, what it answers, and who may call it."""
