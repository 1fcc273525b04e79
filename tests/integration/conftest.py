"""What integration tests share: the emulator without what localcloud mends of it, and one to stop and start again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.emulator import Emulator
from localcloud.settings import Settings
from tests.support.ports import free_ports
from tests.support.restarts import Restartable


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The emulator as it comes, without localcloud's launcher."""
    gateway_port, mqtt_port = free_ports(2)
    settings = Settings(data_dir=tmp_path_factory.mktemp("bare"), gateway_port=gateway_port, mqtt_port=mqtt_port)
    emulator = Emulator(settings, module="ministack")
    emulator.start()
    try:
        yield settings
    finally:
        emulator.stop()


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Restartable]:
    """An emulator of one test alone, which does not run yet."""
    cloud = Restartable.make(tmp_path)
    yield cloud
    cloud.stop()
