"""Proves a stack from outside, with real agents: ``make smoke`` on AWS, and the same against the local cloud."""
