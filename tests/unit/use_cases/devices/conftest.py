"""Devices that have enrolled, over moto."""

from tests.unit.use_cases.enrolment.conftest import cloud, devices

__all__ = ["cloud", "devices"]
