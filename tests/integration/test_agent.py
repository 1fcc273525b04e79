"""``edgeflow-agent run``, the program itself: deployed to by REST, killed in the middle of a job, stopped."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edge_agent.state import read_state
from localcloud.fleet import Fleet
from localcloud.rest import Rest
from localcloud.stack import Stack
from tests.support.rollouts import Operator, eventually

DEVICE = "agent_program"
STOPS_WITHIN_SECONDS = 15


@pytest.fixture(scope="module")
def settings(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of a registered device."""
    folder = Path(tmp_path_factory.mktemp("agent"))
    fleet = Fleet(stack, folder)
    fleet.register([DEVICE])
    config = fleet.config(DEVICE)
    path = folder / "agent.toml"
    lines = [
        f'device_id = "{DEVICE}"',
        f'endpoint = "{config.endpoint}"',
        f"port = {config.port}",
        f'ca = "{config.ca}"',
        f'certificate = "{config.certificate}"',
        f'private_key = "{config.private_key}"',
        f'data_directory = "{config.data_directory}"',
        "jitter = 0",
    ]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def operator(stack: Stack) -> Iterator[Operator]:
    """Somebody with every scope."""
    rest = Rest(stack)
    yield Operator(rest)
    rest.close()


@contextmanager
def running_agent(settings: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the program; it is stopped as systemd would stop it, and must end well, unless a test killed it."""
    command = [sys.executable, "-m", "edge_agent.cli", "run", "--config", str(settings)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603  built above
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOPS_WITHIN_SECONDS) in {0, -signal.SIGKILL}
        finally:
            process.kill()


def status(settings: Path) -> dict[str, Any]:
    """Ask the program what the device runs."""
    command = [sys.executable, "-m", "edge_agent.cli", "status", "--config", str(settings)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)  # noqa: S603  built above
    return dict(json.loads(told.stdout))


def test_deployed_to_killed_in_mid_job_and_stopped(stack: Stack, operator: Operator, settings: Path) -> None:
    data = settings.parent / DEVICE / "data"
    flow_id = operator.flow()
    with running_agent(settings):
        ended = operator.deploy(flow_id, [DEVICE], strategy="all_at_once")
        assert ended["status"] == "completed", ended["status_reason"]
        assert status(settings)["flows"][flow_id]["version"] == 1
    operator.next_version(flow_id, {"nodes": [{"id": "only", "type": "debug"}]})
    deployment_id = operator.create(flow_id, [DEVICE], strategy="all_at_once")
    with running_agent(settings) as process:
        operator.start(deployment_id)

        def at_work() -> bool:
            job = read_state(data).job
            return job is not None and job.activated and job.outcome is None

        eventually(at_work, seconds=30, what="the new version is live and watched")
        process.kill()
        process.wait(STOPS_WITHIN_SECONDS)
    assert operator.statuses(deployment_id) == {DEVICE: "deploying"}
    with running_agent(settings):
        ended = operator.ended(deployment_id)
        assert ended["status"] == "completed", ended["status_reason"]
        told = status(settings)
        assert (told["flows"][flow_id]["version"], told["job"]) == (2, None)
