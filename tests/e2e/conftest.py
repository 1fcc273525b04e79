"""A fleet of real agents on the local cloud, and an operator with a token."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from localcloud.stack import Stack
from tests.support.faults import Once
from tests.support.rollouts import OTHER_SENSOR, Operator

WITH_OTHER_SENSOR = (0, 5, 6)
"""Positions of devices that are not healthy with a flow that needs a DHT11: one of the first five, two of the next."""


@pytest.fixture(scope="module")
def _names() -> list[str]:
    mark = uuid4().hex[:8]
    return [f"e2e_{mark}_{number:02d}" for number in range(1, 16)]


@pytest.fixture(scope="module")
def fleet(stack: Stack, _names: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Fifteen agents, each with its own certificate and MQTT connection.

    They are of one file: every flow that a test leaves on a device runs in a process of its own, and those of all files
    together would take most of a core.
    """
    fleet = Fleet(stack, Path(tmp_path_factory.mktemp("fleet")))
    fleet.register(_names)
    fleet.start(_names, hardware={_names[position]: OTHER_SENSOR for position in WITH_OTHER_SENSOR})
    yield fleet
    fleet.stop()


@pytest.fixture(scope="module")
def devices(fleet: Fleet, _names: list[str]) -> list[str]:
    """The fleet's devices, in order."""
    return list(_names)


@pytest.fixture
def once(stack: Stack, operator: Operator, fleet: Fleet) -> Once:
    """What must hold in the end, whatever goes wrong."""
    return Once(stack, operator, fleet)


@pytest.fixture
def asleep(stack: Stack, tmp_path: Path) -> list[str]:
    """Two devices that are registered and never connect."""
    names = [f"asleep_{uuid4().hex[:8]}_{number}" for number in (1, 2)]
    Fleet(stack, tmp_path).register(names)
    return names
