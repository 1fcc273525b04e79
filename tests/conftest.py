"""What tests of every kind share: the repository's root, and the stack deployed in a local cloud of its own."""

import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings

from deployed.rest import Rest
from localcloud import lags
from localcloud.deploy import deploy
from localcloud.emulator import Emulator
from localcloud.settings import ROOT, Settings
from localcloud.stack import Stack
from tests.support.aws_requests import held_to_models
from tests.support.ports import free_ports
from tests.support.rollouts import LATE, SLOW, Operator
from tests.support.shared_files import end_shared, folder_to_share_in, run_shared

# No deadline: an example takes as long as a busy machine makes it take. In continuous integration the examples are
# the same in each run; elsewhere each run looks for new ones.
settings.register_profile("edgeflow", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("edgeflow")


LATE_ALONE = {"CANCEL_SECONDS": "20", "CANCEL_LAGS_OF": LATE, lags.LAGS_OF: SLOW}
"""Only devices with such names are late, unless the environment sets ``LAG``: then all are, as on AWS."""
STACK_FOLDERS = tuple(ROOT / "tests" / name for name in ("e2e", "infrastructure", "integration"))
"""Where tests stand that need the local cloud: tools/test looks for them nowhere else."""
STACK_TEST_SECONDS = 300
"""A test of whole rollouts waits several times, each time with a limit of its own, which says what it waited for."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the local cloud, so that it can be run apart, and give it time.

    Raises:
        pytest.UsageError: such a test stands where nobody looks for it.
    """
    for item in items:
        if "local_cloud" in getattr(item, "fixturenames", ()):
            if not any(folder in item.path.parents for folder in STACK_FOLDERS):
                places = ", ".join(map(str, STACK_FOLDERS))
                message = f"{item.nodeid} needs the local cloud: it belongs into one of {places}"
                raise pytest.UsageError(message)
            item.add_marker(pytest.mark.stack)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(STACK_TEST_SECONDS))


def pytest_collection(session: pytest.Session) -> bool | None:
    """Where tools/test has runs share files, collect each only when it is taken."""
    return True if folder_to_share_in(session.config) else None


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Share the files with other runs, where tools/test says so."""
    folder = folder_to_share_in(session.config)
    if folder is None:
        return None
    run_shared(session, folder)
    return True


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where runs share files, others may have left none."""
    folder = folder_to_share_in(session.config)
    if folder is not None:
        end_shared(session, folder)


@pytest.fixture(scope="session", autouse=True)
def _models_of_aws_are_read_once() -> Iterator[None]:
    """Let every session of botocore share what it reads from its data files; moto makes a new session for each test.

    Not of S3, whose model botocore changes when a call is made: it takes the bucket out of the addresses.
    """
    anew = JSONFileLoader().load_file
    once = cache(anew)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: anew(path) if "/s3/" in path else once(path))
        yield


@pytest.fixture(scope="session", autouse=True)
def _ill_requests() -> Iterator[list[str]]:
    """Hold every request to AWS's models. Faults are gathered, because code under test may catch what is raised."""
    with held_to_models() as found:
        yield found


@pytest.fixture(autouse=True)
def refused_by_models(_ill_requests: list[str]) -> Iterator[list[str]]:
    """Fail a test that sent what AWS's models refuse. One that means to send it takes this list and clears it."""
    yield _ill_requests
    found, _ill_requests[:] = sorted(set(_ill_requests)), []
    assert not found, "AWS would refuse:\n" + "\n".join(found)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def local_cloud() -> Iterator[Settings]:
    """A local cloud that runs, and holds nothing yet but what ``stack`` deploys."""
    gateway_port, mqtt_port = free_ports(2)
    settings = Settings(
        data_dir=ROOT / os.environ.get("LOCALCLOUD_TEST_DIR", ".localcloud-test"),
        gateway_port=gateway_port,
        mqtt_port=mqtt_port,
        parameters={"HealthWindowSeconds": "2"},
        # see localcloud/lags.py
        emulator=lags.AS_AWS if os.environ.get("LAG") else {**lags.AS_AWS, **LATE_ALONE},
    )
    emulator = Emulator(settings)
    emulator.stop()  # one that an interrupted run left behind
    for leftover in settings.data_dir.glob("*"):
        if leftover.name not in {"build", "build.toml", "cache"}:  # these only save time
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    emulator.start()
    try:
        yield settings
    finally:
        emulator.stop()


@pytest.fixture(scope="session")
def stack(local_cloud: Settings) -> Stack:
    """The stack of template.yaml, deployed as ``make up`` deploys it, with IAM enforced and a health window of 2 s."""
    return deploy(local_cloud)


@pytest.fixture(scope="session")
def operator(stack: Stack) -> Iterator[Operator]:
    """Somebody with every scope."""
    rest = Rest(stack)
    yield Operator(rest)
    rest.close()
