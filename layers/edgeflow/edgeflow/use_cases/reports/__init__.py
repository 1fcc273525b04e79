"""Reports: what devices, and AWS IoT on their behalf, say of jobs, health and connections."""
