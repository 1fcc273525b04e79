"""Items of Node-RED that are made here, with every property that its editor would give them."""

import json

from edge_agent.flows.node_red.client import Item


def function(item_id: str, name: str, script: str, *, outputs: int) -> Item:
    """Return a ``function`` node that is not placed nor wired yet."""
    return {
        "id": item_id,
        "type": "function",
        "name": name,
        "func": script,
        "outputs": outputs,
        "timeout": 0,
        "noerr": 0,
        "initialize": "",
        "finalize": "",
        "libs": [],
    }


def inject(item_id: str, name: str, payload: str, *, once: bool, repeat: float | None) -> Item:
    """Return an ``inject`` node that sends this JSON text, at the start, every so many seconds, or both."""
    return {
        "id": item_id,
        "type": "inject",
        "name": name,
        "props": [{"p": "payload"}],
        "repeat": "" if repeat is None else f"{repeat:g}",
        "crontab": "",
        "once": once,
        "onceDelay": 0.1,
        "topic": "",
        "payload": payload,
        "payloadType": "json",
    }


def catch(item_id: str, name: str, scope: list[str]) -> Item:
    """Return a ``catch`` node that hears of the failures of these items."""
    return {"id": item_id, "type": "catch", "name": name, "scope": scope, "uncaught": False}


def link_in(item_id: str, name: str) -> Item:
    """Return a ``link in`` node."""
    return {"id": item_id, "type": "link in", "name": name, "links": []}


def link_out(item_id: str, name: str) -> Item:
    """Return a ``link out`` node that leads nowhere yet."""
    return {"id": item_id, "type": "link out", "name": name, "mode": "link", "links": []}


def http_request(item_id: str, name: str) -> Item:
    """Return an ``http request`` node that asks as a message says, gives bytes, and fails to ``catch`` nodes alone."""
    return {
        "id": item_id,
        "type": "http request",
        "name": name,
        "method": "use",
        "ret": "bin",
        "paytoqs": "ignore",
        "url": "",
        "tls": "",
        "persist": False,
        "proxy": "",
        "insecureHTTPParser": False,
        "authType": "",
        "senderr": True,
        "headers": [],
    }


def mqtt_in(item_id: str, name: str, topic: str, broker_id: str) -> Item:
    """Return an ``mqtt in`` node that sends what comes to this topic as bytes."""
    return {
        "id": item_id,
        "type": "mqtt in",
        "name": name,
        "topic": topic,
        "qos": "1",
        "datatype": "buffer",
        "broker": broker_id,
        "nl": False,
        "rap": True,
        "rh": 0,
        "inputs": 0,
    }


def mqtt_out(item_id: str, name: str, broker_id: str, *, qos: int) -> Item:
    """Return an ``mqtt out`` node that publishes to the topic that a message names."""
    return {
        "id": item_id,
        "type": "mqtt out",
        "name": name,
        "topic": "",
        "qos": str(qos),
        "retain": "false",
        "respTopic": "",
        "contentType": "",
        "userProps": "",
        "correl": "",
        "expiry": "",
        "broker": broker_id,
    }


def mqtt_broker(item_id: str, host: str, port: int) -> Item:
    """Return a broker's config node."""
    return {
        "id": item_id,
        "type": "mqtt-broker",
        "name": "EdgeFlow",
        "broker": host,
        "port": str(port),
        "clientid": "",
        "autoConnect": True,
        "usetls": False,
        "protocolVersion": "4",
        "keepalive": "60",
        "cleansession": True,
        "autoUnsubscribe": True,
        "birthTopic": "",
        "birthQos": "0",
        "birthPayload": "",
        "birthMsg": {},
        "closeTopic": "",
        "closeQos": "0",
        "closePayload": "",
        "closeMsg": {},
        "willTopic": "",
        "willQos": "0",
        "willPayload": "",
        "willMsg": {},
        "userProps": "",
        "sessionExpiry": "",
    }


def debug(item_id: str, name: str) -> Item:
    """Return a ``debug`` node that shows payloads in the editor's sidebar."""
    return {
        "id": item_id,
        "type": "debug",
        "name": name,
        "active": True,
        "tosidebar": True,
        "console": False,
        "tostatus": False,
        "complete": "payload",
        "targetType": "msg",
        "statusVal": "",
        "statusType": "auto",
    }


def as_json(value: object) -> str:
    """Return a value as JSON text, such as an ``inject`` node holds."""
    return json.dumps(value, ensure_ascii=False)
