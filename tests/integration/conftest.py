"""What integration tests share: the emulator without what localcloud mends of it."""

from collections.abc import Iterator

import pytest

from localcloud.emulator import Emulator
from localcloud.settings import Settings


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The emulator as it comes, without localcloud's launcher."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("bare"), gateway_port=4577, mqtt_port=8894)
    emulator = Emulator(settings, module="ministack")
    emulator.start()
    try:
        yield settings
    finally:
        emulator.stop()
