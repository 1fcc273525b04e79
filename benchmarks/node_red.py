"""A real Node-RED, with the same flows."""

import json
import subprocess
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from benchmarks.bench_nodes import IN_FLIGHT
from benchmarks.machine import listening, running

PROGRAM: Final = Path(__file__).parents[1] / "tools" / "node-red" / "node_modules" / ".bin" / "node-red"

_SOURCE: Final = """
const run = global.get('run');
if (!run.total) { run.total = TOTAL; run.sent = 0; run.came = 0; run.started = run.clock(); }
const end = Math.min(run.sent + IN_FLIGHT, run.total);
for (; run.sent < end; run.sent++) {
  node.send([{payload: {temperature: 20 + run.sent % 20, number: run.sent}}, null]);
}
if (msg.last) { node.send([null, {url: `ADDRESS?seconds=${Number(run.clock() - run.started) / 1e9}`}]); }
return null;
"""
_SINK: Final = """
const run = global.get('run');
run.came++;
if (run.came === TOTAL) { return {last: true}; }
if (run.came % IN_FLIGHT === 0) { return {}; }
return null;
"""


class NodeRed:
    """See :class:`benchmarks.subject.Runtime`."""

    def __init__(self, folder: Path) -> None:
        """Keep what it needs in this folder."""
        self._folder = folder
        self._runs = 0

    def start_seconds(self) -> float:
        """See Runtime."""
        with listening() as listener:
            flow = _tab("t", [_inject("in", "ask", once=True), _request("ask", url=listener.address)])
            begun = time.perf_counter()
            with self._running(flow) as process:
                listener.wait(process)
                return listener.at - begun

    def at_rest(self, flows: int) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        """See Runtime."""
        nodes = []
        for number in range(flows):
            nodes += _tab(
                f"t{number}",
                [
                    _inject(f"in{number}", f"sw{number}", once=True, repeat="1"),
                    _switch(f"sw{number}", f"out{number}", threshold="30"),
                    {"id": f"out{number}", "type": "debug", "active": False, "wires": []},
                ],
            )
        return self._running(nodes)

    def throughput(self, messages: int) -> float:
        """See Runtime."""
        with listening() as listener:

            def script(text: str) -> str:
                text = text.replace("IN_FLIGHT", str(IN_FLIGHT)).replace("TOTAL", str(messages))
                return text.replace("ADDRESS", listener.address)

            flow = _tab(
                "t",
                [
                    _inject("go", "source", once=True),
                    _function("source", script(_SOURCE), ["hot"], ["tell"]),
                    _switch("hot", "mark", threshold="10"),
                    {
                        "id": "mark",
                        "type": "change",
                        "rules": [{"t": "set", "p": "payload.hall", "pt": "msg", "to": "north", "tot": "str"}],
                        "wires": [["news"]],
                    },
                    {
                        "id": "news",
                        "type": "rbe",
                        "func": "rbe",
                        "property": "payload.temperature",
                        "inout": "out",
                        "wires": [["sink"]],
                    },
                    _function("sink", script(_SINK), ["source"]),
                    _request("tell"),
                ],
            )
            with self._running(flow) as process:
                return messages / float(listener.wait(process)["seconds"])

    def _running(self, flow: Sequence[dict[str, Any]]) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        self._runs += 1
        home = self._folder / f"node-red-{self._runs}"
        home.mkdir()
        (home / "flows.json").write_text(json.dumps(flow), encoding="utf-8")
        settings = {
            "uiHost": "127.0.0.1",
            "uiPort": 0,
            "userDir": str(home),
            "flowFile": "flows.json",
            "credentialSecret": False,
            "disableEditor": True,
            "httpAdminRoot": False,
            "telemetry": {"enabled": False},
        }
        file = home / "settings.js"
        # What source and sink share; of the process's clock, functions see just what they are given.
        run = "{functionGlobalContext: {run: {clock: () => process.hrtime.bigint()}}}"
        file.write_text(f"module.exports = Object.assign({json.dumps(settings)}, {run});", encoding="utf-8")
        return running([str(PROGRAM), "--settings", str(file)], log=home / "log")


def _tab(tab_id: str, nodes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": tab_id, "type": "tab", "label": tab_id}, *({**node, "z": tab_id} for node in nodes)]


def _inject(node_id: str, target: str, *, once: bool, repeat: str = "") -> dict[str, Any]:
    return {
        "id": node_id,
        "type": "inject",
        "props": [{"p": "payload"}],
        "payload": '{"temperature": 31}',
        "payloadType": "json",
        "once": once,
        "onceDelay": 0,
        "repeat": repeat,
        "wires": [[target]],
    }


def _switch(node_id: str, target: str, *, threshold: str) -> dict[str, Any]:
    return {
        "id": node_id,
        "type": "switch",
        "property": "payload.temperature",
        "propertyType": "msg",
        "rules": [{"t": "gt", "v": threshold, "vt": "num"}],
        "checkall": "false",
        "outputs": 1,
        "wires": [[target]],
    }


def _function(node_id: str, text: str, *wires: Sequence[str]) -> dict[str, Any]:
    return {"id": node_id, "type": "function", "func": text, "outputs": len(wires), "libs": [], "wires": list(wires)}


def _request(node_id: str, *, url: str = "") -> dict[str, Any]:
    return {"id": node_id, "type": "http request", "method": "GET", "ret": "txt", "url": url, "wires": [[]]}
