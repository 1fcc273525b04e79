"""Looking for what keeps a device from working: each check is a function that returns findings and changes nothing.

:mod:`~edge_agent.doctor.examination` puts them in order; ``edgeflow-agent doctor`` prints what they find.
"""
