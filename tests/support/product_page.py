"""The product page's examples, as printed there."""

from typing import Final

CREATE_FLOW: Final = """\
{
"name": "Temperature Alert",
"description": "Monitor temperature and send alerts",
"tags": ["temperature", "alerts"],
"definition": {
"nodes": [
{"id": "n1", "type": "dht", "name": "DHT22 Sensor", "config": {}, "x": 100, "y": 200},
{"id": "n2", "type": "switch", "name": "Threshold", "config": {}, "x": 300, "y": 200},
{"id": "n3", "type": "mqtt_out", "name": "Alert", "config": {}, "x": 500, "y": 200}
],
"connections": [
{"source": "n1", "target": "n2"},
{"source": "n2", "target": "n3"}
],
"variables": [
{"name": "threshold", "type": "number", "value": "30"}
]
}
}
"""
