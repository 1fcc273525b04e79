"""Enrolment: how a device comes by its certificate, and to the next one."""
