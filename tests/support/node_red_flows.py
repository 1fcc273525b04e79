"""Flows as Node-RED exports them, for tests."""

from typing import Any, Final

from edge_agent.flows.node_red.client import Item

Z: Final = "a1b2c3d4e5f60718"
"""The tab that the exports come from."""


def inject(item_id: str, *targets: str, payload: str = "1", every: float | None = 0.2, **more: Any) -> Item:  # noqa: ANN401  further properties
    """Return an inject node that sends a JSON payload at the start, and at an interval in seconds."""
    return {
        "id": item_id,
        "type": "inject",
        "z": Z,
        "name": "",
        "props": [{"p": "payload"}],
        "repeat": "" if every is None else str(every),
        "crontab": "",
        "once": True,
        "onceDelay": 0.1,
        "topic": "",
        "payload": payload,
        "payloadType": "json",
        "x": 100,
        "y": 300,
        "wires": [list(targets)],
    } | more


def function(item_id: str, script: str, *targets: str, **more: Any) -> Item:  # noqa: ANN401  as above
    """Return a function node with one output."""
    return {
        "id": item_id,
        "type": "function",
        "z": Z,
        "name": "",
        "func": script,
        "outputs": 1,
        "timeout": 0,
        "noerr": 0,
        "initialize": "",
        "finalize": "",
        "libs": [],
        "x": 300,
        "y": 300,
        "wires": [list(targets)],
    } | more


def post(item_id: str, url: str) -> Item:
    """Return a node that sends payloads to an address."""
    return {
        "id": item_id,
        "type": "http request",
        "z": Z,
        "name": "",
        "method": "POST",
        "ret": "txt",
        "paytoqs": "ignore",
        "url": url,
        "tls": "",
        "persist": False,
        "proxy": "",
        "insecureHTTPParser": False,
        "authType": "",
        "senderr": False,
        "headers": [],
        "x": 500,
        "y": 300,
        "wires": [[]],
    }


def link(item_id: str, direction: str, links: list[str], *targets: str, **more: Any) -> Item:  # noqa: ANN401  as above
    """Return a link node, ``in`` or ``out``."""
    wires: Item = {"wires": [list(targets)]} if direction == "in" else {"mode": "link", "wires": []}
    return {
        "id": item_id,
        "type": f"link {direction}",
        "z": Z,
        "name": "",
        "links": links,
        "x": 300,
        "y": 400,
        **wires,
        **more,
    }


def says(version: int, url: str) -> list[Item]:
    """Return a flow that posts, again and again, which version it is, how often it did, and when it started."""
    count = f"""\
const n = (context.get("n") || 0) + 1;
context.set("n", n);
msg.payload = "v{version} " + n;
return msg;
"""
    return [inject("timer", "count"), function("count", count, "send"), post("send", url)]
