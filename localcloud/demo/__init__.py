"""``make demo``: a fleet of real MQTT devices, and what each strategy does with a good version and a bad one.

Every claim on the screen is checked twice, by REST and by asking the devices themselves what they run.
"""
