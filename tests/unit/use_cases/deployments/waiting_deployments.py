"""Deployments that wait: for devices, or for the delay after a wave."""

from collections import Counter

from tests.unit.use_cases.cloud import DEPLOYMENT, Cloud

CLICKS = 20


def types(cloud: Cloud) -> Counter[str]:
    return Counter(event.type for event in cloud.world.history[DEPLOYMENT])
