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

CREATE_DEPLOYMENT: Final = """\
{
"flow_id": "flow_abc123",
"strategy": "rolling",
"target_devices": ["dev_001", "dev_002", "dev_003"],
"config": {
"batch_size": 5,
"batch_delay": "5m",
"auto_rollback": true,
"health_check": true
}
}
"""

DEPLOYMENT_STATUS: Final = """\
{
"id": "dep_xyz789",
"flow_id": "flow_abc123",
"strategy": "rolling",
"status": "running",
"total_targets": 3,
"completed_targets": 1,
"failed_targets": 0,
"targets": [
{"device_id": "dev_001", "status": "success"},
{"device_id": "dev_002", "status": "deploying"},
{"device_id": "dev_003", "status": "pending"}
],
"created_at": "2026-02-21T12:00:00Z",
"started_at": "2026-02-21T12:01:00Z"
}
"""
