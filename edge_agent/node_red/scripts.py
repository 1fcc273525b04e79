"""What translated nodes do, as the text of Node-RED functions: the same as the built-in runtime's nodes do."""

import hashlib
import json
import math
from typing import Any, Final

from edge_agent.runtime.nodes.mqtt_out import MAX_PAYLOAD_BYTES
from edge_agent.runtime.nodes.switch import DEFAULT_KEYS
from edge_agent.runtime.sensors import SWING_SECONDS, DhtModel

SIMULATED: Final = "simulated"
"""What the names of nodes say that measure nothing."""


def read_dht(device_id: str, model: DhtModel, unit: str) -> str:
    """Return the script that sends a reading: on the curve of ``SimulatedSensor``, for there is no driver."""
    seed = hashlib.sha256(device_id.encode()).digest()
    phases = [int.from_bytes(seed[start : start + 4]) / 2**32 * math.tau for start in (0, 4)]
    fahrenheit = "Math.round((celsius * 9 / 5 + 32) * 10) / 10" if unit == "fahrenheit" else "celsius"
    return f"""\
// This sensor is {SIMULATED}: nothing is measured.
const scale = {1 if model is DhtModel.DHT11 else 10};
const angle = 2 * Math.PI * Date.now() / 1000 / {SWING_SECONDS:g};
const warmth = Math.sin(angle + {phases[0]!r});
const ripple = 0.3 * Math.sin(7 * angle + {phases[1]!r});
const round = (value) => Math.round(value * scale) / scale;
const celsius = round(27 + 5 * warmth + ripple);
msg.payload = {{temperature: {fahrenheit}, humidity: round(55 - 15 * warmth - ripple)}};
return msg;
"""


def switch(property_: str | None, rules: list[dict[str, Any]], otherwise: int | None) -> str:
    """Return the script that sends a message to a port; rules are ``{"operator", "value", "port"}``, tried in order.

    Node-RED's own switch compares as JavaScript does, where "5" is 5; a flow must mean the same on each runtime.
    """
    return f"""\
const path = {json.dumps(property_.split(".") if property_ is not None else None)};
const keys = {json.dumps(DEFAULT_KEYS)};
const rules = {json.dumps(rules)};
const otherwise = {json.dumps(otherwise)};
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
function find() {{
    let value = msg.payload;
    if (path === null) {{
        if (!isObject(value)) {{ return value; }}
        for (const key of keys) {{ if (Object.hasOwn(value, key)) {{ return value[key]; }} }}
        throw "A message had none of " + keys.join(", ") + "; name the value's place in the property setting.";
    }}
    for (const key of path) {{
        if (!isObject(value) || !Object.hasOwn(value, key)) {{
            throw "A message had nothing at '" + path.join(".") + "'.";
        }}
        value = value[key];
    }}
    return value;
}}
function equal(left, right) {{
    return typeof left === typeof right && RED.util.compareObjects(left, right);
}}
function holds(rule, value) {{
    if (rule.operator === "==") {{ return equal(value, rule.value); }}
    if (rule.operator === "!=") {{ return !equal(value, rule.value); }}
    if (typeof value !== typeof rule.value) {{
        throw "A message's value is no " + typeof rule.value + ", so " + rule.operator + " cannot compare it.";
    }}
    switch (rule.operator) {{
        case ">": return value > rule.value;
        case ">=": return value >= rule.value;
        case "<": return value < rule.value;
        default: return value <= rule.value;
    }}
}}
let port = otherwise;
try {{
    const value = find();
    const rule = rules.find((each) => holds(each, value));
    if (rule) {{ port = rule.port; }}
}} catch (fault) {{
    if (otherwise === null) {{
        node.error(fault, msg);
        return null;
    }}
}}
if (port === null) {{ return null; }}
const ports = [];
ports[port] = msg;
return ports;
"""


def write_mqtt(topic: str) -> str:
    """Return the script that makes a payload the JSON that is published to this topic."""
    return f"""\
const text = JSON.stringify(msg.payload === undefined ? null : msg.payload);
const size = Buffer.byteLength(text);
if (size > {MAX_PAYLOAD_BYTES}) {{
    node.error("A message of " + size + " bytes was dropped; MQTT takes {MAX_PAYLOAD_BYTES}.", msg);
    return null;
}}
return {{_msgid: msg._msgid, topic: {json.dumps(topic)}, payload: text}};
"""
