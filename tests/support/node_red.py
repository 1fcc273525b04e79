"""A Node-RED of the test run's own, as it is installed on devices: a process, an admin API, and a folder."""

import os
import signal
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from edge_agent.flows.node_red.client import NodeRedClient, NodeRedFault
from localcloud.settings import ROOT
from tests.support.ports import free_ports
from tests.support.waiting import wait_for

PROGRAM: Final = ROOT / "tools" / "node-red" / "node_modules" / ".bin" / "node-red"
STARTS_WITHIN_SECONDS: Final = 45.0
_ENDS_WITHIN_SECONDS: Final = 20.0

_SETTINGS: Final = """\
module.exports = {
    uiHost: "127.0.0.1",
    uiPort: %d,
    flowFile: "flows.json",
    credentialSecret: false,
    flowFilePretty: true,
    adminAuth: %s,
    disableEditor: true,
    telemetry: { enabled: false, updateNotification: false },
    externalModules: { palette: { allowInstall: false }, modules: { allowInstall: false } },
    logging: { console: { level: "info", metrics: false, audit: true } },
};
"""


class LocalNodeRed:
    """Can be started and stopped again and again; its flows stay in its folder, its address stays the same."""

    def __init__(self, folder: Path, *, admin_auth: str = "null") -> None:
        """Keep everything in this folder; ``admin_auth`` is that setting, as JavaScript."""
        self.folder = folder
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = NodeRedClient(self.url)
        self._process: subprocess.Popen[bytes] | None = None
        self._changing = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "settings.js").write_text(_SETTINGS % (self.port, admin_auth))

    def start(self, *options: str) -> None:
        """Return when the admin API answers; nothing when it runs."""
        self._begin(*options)
        wait_for(self._answers, what=f"Node-RED answers; see {self.folder / 'log'}", seconds=STARTS_WITHIN_SECONDS)

    @contextmanager
    def kept_up(self, *options: str) -> Iterator[list[int]]:
        """Start it again whenever it ends by itself, as systemd does; yields the exit codes that it had."""
        ended: list[int] = []
        done = threading.Event()

        def keep() -> None:
            while not done.wait(0.05):
                with self._changing:
                    code = self._process.poll() if self._process is not None else None
                    if code is None:
                        continue
                    ended.append(code)
                    self._process = None
                    self._begin_to_run(*options)

        keeper = threading.Thread(target=keep, daemon=True)
        keeper.start()
        try:
            yield ended
        finally:
            done.set()
            keeper.join(_ENDS_WITHIN_SECONDS)

    def _begin(self, *options: str) -> None:
        with self._changing:
            if self._process is None:
                self._begin_to_run(*options)

    def _begin_to_run(self, *options: str) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  the program that the lock file names
                [PROGRAM, "--userDir", self.folder, "--settings", self.folder / "settings.js", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "NODE_ENV": "production"},
            )

    def stop(self, *, kill: bool = False) -> None:
        """End it, as with the device's power when it is killed; returns when it has ended."""
        with self._changing:
            process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        else:
            process.terminate()
        try:
            process.wait(_ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_ENDS_WITHIN_SECONDS)

    def halt(self) -> None:
        """Let it do nothing any more, with its address open, until it is stopped by a kill."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def deploy(self, items: list[dict[str, Any]]) -> None:
        """Replace all flows, as a person does in the editor."""
        self.client.change(lambda _: items)

    def press(self, item_id: str) -> None:
        """Press the button of an inject node."""
        request = urllib.request.Request(f"{self.url}/inject/{item_id}", method="POST", data=b"")  # noqa: S310  it is http
        with urllib.request.urlopen(request, timeout=10):  # noqa: S310  as above
            pass

    def raw_flows(self) -> list[str]:
        """Return each item on disk as the text that Node-RED wrote, in order."""
        text = (self.folder / "flows.json").read_text()
        return text.removeprefix("[\n").removesuffix("\n]").removesuffix("\n    }").split("\n    },\n")

    def credentials(self) -> str:
        """Return the credentials on disk, as Node-RED wrote them; here they are not encrypted."""
        return (self.folder / "flows_cred.json").read_text()

    def _answers(self) -> bool | None:
        assert self._process is not None
        assert self._process.poll() is None, f"Node-RED ended: {(self.folder / 'log').read_text()[-2_000:]}"
        try:
            self.client.flows()
        except NodeRedFault:
            return None
        return True
