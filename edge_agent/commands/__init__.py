"""Commands of ``edgeflow-agent``, one module each."""
