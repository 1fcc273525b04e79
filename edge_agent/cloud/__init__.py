"""The device's connection to AWS IoT, and what goes over it."""
