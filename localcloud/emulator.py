"""The emulator as a process of its own, which outlives the command that starts it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Final

import requests

from localcloud.errors import LocalCloudError
from localcloud.settings import HOST, REGION, ROOT, ROOT_KEYS, RUNNING_FILE, Settings, read_running

PATCHED: Final = "localcloud.launcher"
START_SECONDS: Final = 60
STOP_SECONDS: Final = 30
PORT_SECONDS: Final = 1
_POLL_SECONDS: Final = 0.1
_LOG_LINES_SHOWN: Final = 15


class Emulator:
    """MiniStack with the data folder and the ports of some settings.

    ``module`` is the program: :mod:`localcloud.launcher`, or ``ministack`` for the emulator as it comes.
    """

    def __init__(self, settings: Settings, *, module: str = PATCHED) -> None:
        """Nothing is started yet."""
        self._settings = settings
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._noted = settings.data_dir / RUNNING_FILE
        self.log = settings.data_dir / "emulator.log"

    def pid(self) -> int | None:
        """Return the process that runs, or None."""
        pid = read_running(self._settings.data_dir).get("pid")
        if self._process is not None and self._process.pid == pid:
            return pid if self._process.poll() is None else None
        # After a restart of the machine the number may be some other program's.
        return pid if pid is not None and self._module in _command_of(pid) else None

    def start(self) -> bool:
        """Start it and wait until it answers; False when it runs already.

        Raises:
            LocalCloudError: a port is taken, the environment is missing, or it did not come up in time.
        """
        ports = {"gateway_port": self._settings.gateway_port, "mqtt_port": self._settings.mqtt_port}
        if self.pid() is not None:
            noted = read_running(self._settings.data_dir)
            if any(noted[name] != port for name, port in ports.items()):
                message = f"The local cloud runs already, on port {noted['gateway_port']}. Stop it first: make down"
                raise LocalCloudError(message)
            self._wait_until_ready()
            return False
        python = interpreter()
        for port, name in ((self._settings.gateway_port, "GATEWAY_PORT"), (self._settings.mqtt_port, "IOT_MTLS_PORT")):
            _refuse_taken(port, name)
        shutil.rmtree(self._settings.data_dir / "tmp", ignore_errors=True)  # what functions left that were killed
        folders = {name: self._settings.data_dir / name for name in ("state", "s3", "tmp")}
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [python, "-m", self._module],
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that Ctrl-C in the terminal does not end it
            )
        self._noted.write_text(json.dumps({"pid": self._process.pid, **ports}) + "\n")
        try:
            self._wait_until_ready()
        except LocalCloudError:
            self.stop()
            raise
        return True

    def stop(self) -> bool:
        """End it, which saves its state; False when it does not run.

        Raises:
            LocalCloudError: it does not end.
        """
        pid = self.pid()
        if pid is None:
            self._noted.unlink(missing_ok=True)
            return False
        for order in (signal.SIGTERM, signal.SIGKILL):
            os.kill(pid, order)
            if _until(lambda: self._ended(pid), STOP_SECONDS):
                self._noted.unlink(missing_ok=True)
                return True
        message = f"The local cloud (process {pid}) does not end. See {self.log}."
        raise LocalCloudError(message)

    def _ended(self, pid: int) -> bool:
        if self._process is not None and self._process.pid == pid:
            return self._process.poll() is not None
        return not _command_of(pid)  # an earlier command started it

    def _environment(self) -> dict[str, str]:
        data = self._settings.data_dir
        outer = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
        return outer | {
            "AUTH": "true",  # IAM policies, API authorizers and device policies are enforced
            "AWS_DEFAULT_REGION": REGION,
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self._settings.gateway_port),
            "IOT_MTLS_PORT": str(self._settings.mqtt_port),
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "PYTHONUNBUFFERED": "1",
            "S3_DATA_DIR": str(data / "s3"),
            "S3_PERSIST": "1",
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(data / "state"),
            "TMPDIR": str(data / "tmp"),
            **self._settings.emulator,
            **ROOT_KEYS,
        }

    def _wait_until_ready(self) -> None:
        address = f"{self._settings.endpoint_url}/_ministack/ready"

        def ready() -> bool:
            try:
                return requests.get(address, timeout=2).ok
            except requests.RequestException:
                return False

        if not _until(lambda: ready() or self.pid() is None, START_SECONDS) or self.pid() is None:
            lines = self.log.read_text(errors="replace").splitlines()[-_LOG_LINES_SHOWN:]
            told = ["The local cloud did not come up. The end of its log:", *lines, f"All of it: {self.log}"]
            message = "\n".join(told)
            raise LocalCloudError(message)


def interpreter() -> str:
    """Return the interpreter of the emulator's environment, which the functions run in, too.

    Raises:
        LocalCloudError: it is not there.
    """
    python = ROOT / ".venv-ministack" / "bin" / "python"
    if not python.exists():
        message = f"{python.relative_to(ROOT)} is missing. `make up` makes it."
        raise LocalCloudError(message)
    return str(python)


def _refuse_taken(port: int, setting: str) -> None:
    def is_free() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, port)) != 0

    # A local cloud that was killed a moment ago may hold it a little longer.
    if not _until(is_free, PORT_SECONDS):
        message = (
            f"Port {port} is in use by another program. End that one, or choose another port: "
            f"make up {setting}={port + 10_000}"
        )
        raise LocalCloudError(message)


def _command_of(pid: int) -> str:
    """Return the command line of a process; empty when it has ended."""
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return shown.stdout.strip()


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL_SECONDS)
    return True
