"""``edgeflow-agent`` as a program of its own, which a test can kill."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from edge_agent.config import AgentConfig
from edge_agent.disk.state import AgentState, JournalEntry, read_state

STOPS_WITHIN_SECONDS: Final = 15


@dataclass(frozen=True)
class AgentProgram:
    """The program of one registered device, with its settings in a file."""

    device_id: str
    settings: Path
    data: Path

    @classmethod
    def of(cls, config: AgentConfig, settings: Path) -> Self:
        """Write a device's settings down for it."""
        lines = [
            f'device_id = "{config.device_id}"',
            f'endpoint = "{config.endpoint}"',
            f"port = {config.port}",
            f'ca = "{config.ca}"',
            f'certificate = "{config.certificate}"',
            f'private_key = "{config.private_key}"',
            f'data_directory = "{config.data_directory}"',
            "jitter = 0",
            "reconnect_max = 1",  # tests cut the connection again and again, and wait for it to be back
        ]
        if config.artifact_keys:
            lines.append(f"artifact_keys = {json.dumps([str(key) for key in config.artifact_keys])}")
        if config.order_keys:
            lines.append(f"order_keys = {json.dumps([str(key) for key in config.order_keys])}")
        settings.write_text("\n".join(lines))
        return cls(config.device_id, settings, config.data_directory)

    @contextmanager
    def running(self, environment: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
        """Run it, and stop it as systemd would; it must end well, unless a test killed it."""
        outer = os.environ | dict(environment or {})
        command = self._command("run")
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, text=True, env=outer) as process:  # noqa: S603  our own
            try:
                yield process
                process.send_signal(signal.SIGTERM)
                assert process.wait(STOPS_WITHIN_SECONDS) in {0, -signal.SIGKILL}
            finally:
                process.kill()

    def status(self) -> dict[str, Any]:
        """Ask the program what the device runs."""
        command = self._command("status")
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)  # noqa: S603  our own
        return dict(json.loads(told.stdout))

    def doctor(self) -> dict[str, str]:
        """Ask the program what keeps the device from working; returns each check's level, by name."""
        command = [*self._command("doctor"), "--json"]
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603  our own
        return {check["name"]: check["level"] for check in json.loads(told.stdout)["checks"]}

    def state(self) -> AgentState:
        """Return what is on the device's disk."""
        return read_state(self.data)

    def job_at(self, *, activated: bool, ended: bool = False) -> JournalEntry | None:
        """Return the job at work, when it has got so far and no farther."""
        job = self.state().job
        if job is None or (job.activated, job.outcome is not None) != (activated, ended):
            return None
        return job

    def _command(self, what: str) -> list[str]:
        return [sys.executable, "-m", "edge_agent.cli", what, "--config", str(self.settings)]


def kill(process: subprocess.Popen[str]) -> None:
    """End a program at once, as a power cut does."""
    process.kill()
    process.wait(STOPS_WITHIN_SECONDS)
