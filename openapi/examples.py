"""Examples of requests and of answers. The models themselves read them, so none can be wrong."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from edgeflow.contract.rest import deployments, devices, events, fleet, flows, node_types

Examples = Mapping[str, Mapping[str, Any]]
"""As OpenAPI has them: by name, each with its ``value``."""

_FLOW: Final = "flow_abc123"
_DEPLOYMENT: Final = "dep_abc123"
_AT: Final = "2026-02-21T12:00:00.000Z"
_DEFINITION: Final = {
    "nodes": [
        {"id": "n1", "type": "dht", "name": "DHT22 Sensor", "config": {}, "x": 100, "y": 200},
        {"id": "n2", "type": "switch", "name": "Threshold", "config": {}, "x": 300, "y": 200},
        {"id": "n3", "type": "mqtt_out", "name": "Alert", "config": {}, "x": 500, "y": 200},
    ],
    "connections": [{"source": "n1", "target": "n2"}, {"source": "n2", "target": "n3"}],
    "variables": [{"name": "threshold", "type": "number", "value": "30"}],
}
_CONTENT: Final = {
    "name": "Temperature Alert",
    "description": "Monitor temperature and send alerts",
    "tags": ["temperature", "alerts"],
    "definition": _DEFINITION,
}
_TARGETS: Final = {"flow_id": _FLOW, "target_devices": ["dev_001", "dev_002", "dev_003"]}


def _named(**values: object) -> Examples:
    return {name: {"value": value} for name, value in values.items()}


REQUESTS: Final[Mapping[str, Examples]] = {
    "createFlow": _named(flow=_CONTENT, with_a_slug={**_CONTENT, "slug": "temperature-alert"}),
    "updateFlow": _named(flow=_CONTENT),
    "patchFlow": _named(
        some_keys={"tags": ["temperature"], "description": None},
        variables={"definition": {"variables": [{"name": "threshold", "type": "number", "value": "28.5"}]}},
    ),
    "createDeployment": _named(
        rolling={**_TARGETS, "strategy": "rolling", "config": {"batch_size": 5, "batch_delay": "5m"}},
        canary={**_TARGETS, "strategy": "canary", "config": {"canary_percentage": 10, "canary_delay": "30m"}},
        blue_green={**_TARGETS, "strategy": "blue-green", "flow_version": 1, "config": {"switch_delay": "10m"}},
        all_at_once={"flow_id": _FLOW, "strategy": "all_at_once", "target_groups": ["hall_3"]},
        by_slug={**_TARGETS, "flow_id": "slug:temperature-alert", "strategy": "rolling"},
        removal={**_TARGETS, "action": "remove", "strategy": "rolling"},
    ),
    "resumeDeployment": _named(after_a_breach={"accept_failures": True}),
    "retryDeployment": _named(only_what_was_offline={"only": ["offline"]}),
    "registerDevice": _named(
        certificate={"device_id": "dev_001"}, claim={"device_id": "dev_002", "enrolment": "claim"}
    ),
}
"""Bodies, by the id of the operation that takes them."""

_FLOW_SUMMARY: Final = {
    **{key: value for key, value in _CONTENT.items() if key != "definition"},
    "id": _FLOW,
    "slug": "temperature-alert",
    "status": "published",
    "latest_version": 1,
    "created_at": _AT,
    "created_by": "alice",
    "updated_at": _AT,
}
_VERSION: Final = {
    "flow_id": _FLOW,
    "version": 1,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "size": 412,
    "published_at": _AT,
    "published_by": "alice",
}
_SUMMARY: Final = {
    "id": _DEPLOYMENT,
    "flow_id": _FLOW,
    "action": "deploy",
    "flow_version": 1,
    "strategy": "rolling",
    "config": {
        "batch_size": 5,
        "batch_delay": "5m",
        "failure_threshold": 20,
        "timeout": "30m",
        "auto_rollback": True,
        "health_check": True,
        "health_window": "30s",
        "offline": "wait",
    },
    "status": "running",
    "status_reason": "started by alice",
    "target_groups": [],
    "total_targets": 3,
    "completed_targets": 1,
    "failed_targets": 0,
    "target_counts": {"open": 2, "failed": 0, "rollback_failed": 0, "rolled_back": 0, "skipped": 0, "success": 1},
    "waves": 1,
    "current_wave": 1,
    "rollbacks": 0,
    "retry_of": None,
    "retried_by": None,
    "created_at": _AT,
    "created_by": "alice",
    "started_at": _AT,
    "finished_at": None,
}
_TARGET: Final = {
    "device_id": "dev_001",
    "status": "success",
    "wave": 1,
    "reason": None,
    "message": None,
    "version_before": None,
    "reached_late": False,
    "started_at": _AT,
    "finished_at": _AT,
    "waits_for": None,
}
_MACHINE: Final = "arn:aws:states:us-east-1:123456789012:execution:edgeflow-rolling:dep_abc123"
_WAIT: Final = {
    "what": "reports",
    "wave": 1,
    "devices": {"count": 2, "first": ["dev_002", "dev_003"]},
    "until": "2026-02-21T12:30:00.000Z",
    "then": "they count as failed",
    "overdue": False,
    "sentence": "2 of 3 devices of wave 1 to report, until 12:30:00Z, then they count as failed",
}
_DEVICE: Final = {
    "device_id": "dev_001",
    "state": "registered",
    "connected": True,
    "last_seen": _AT,
    "health": "healthy",
    "agent_version": "1.2.0",
    "registered_at": _AT,
    "registered_by": "alice",
}
_CONNECTION: Final = {
    "device_id": "dev_001",
    "mqtt_endpoint": "a1b2c3-ats.iot.us-east-1.amazonaws.com",
    "mqtt_port": 8883,
    "topic_rules": "edgeflow",
}
_RUNNING: Final = {
    "flow_id": _FLOW,
    "version": 1,
    "slot": "blue",
    "live": True,
    "running": True,
    "health": "healthy",
    "reason": None,
    "since": _AT,
    "nodes": [],
    "messages_per_minute": 12.0,
    "dropped": 0,
    "activity": [],
    "deployment_id": _DEPLOYMENT,
}
_ACTOR: Final = {"kind": "caller", "name": "alice", "subject": "7f1c0f0e"}
_BREACHED: Final = {
    "sequence": 7,
    "at": _AT,
    "type": "breached",
    "actor": {"kind": "system", "name": "watch_waves", "subject": None},
    "details": {"wave": 2, "total": 5, "failed": 2, "tolerated": 1, "failure_threshold": 20},
    "status": "running",
    "status_reason": "started by alice",
}
_PUBLISHED: Final = {
    "sequence": 2,
    "at": _AT,
    "type": "published",
    "actor": _ACTOR,
    "details": {key: _VERSION[key] for key in ("version", "sha256", "size")},
    "status": "published",
}

_CATCH: Final = {
    "type": "catch",
    "title": "Catch failures",
    "summary": "sends a message for each failure of a node",
    "documentation": "Sends a message for each failure of a node in the same flow.",
    "runtimes": ["builtin", "node-red"],
    "inputs": 0,
    "outputs": 1,
    "settings": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "handled": {"type": "boolean", "default": False, "description": "the failure is taken care of"},
        },
    },
    "examples": [{}, {"handled": True}],
}
_ANSWERS: Final[Mapping[Any, Mapping[str, Any]]] = {
    dict[str, Any]: {"its_beginning": {"openapi": "3.1.0", "info": {"title": "EdgeFlow", "version": "1"}}},
    str: {"its_beginning": "<!doctype html>"},
    flows.FlowView: {"published": {**_FLOW_SUMMARY, "definition": _DEFINITION, "open_deployments": []}},
    flows.FlowPage: {"page": {"flows": [_FLOW_SUMMARY], "next_cursor": None}},
    flows.VersionPage: {"page": {"versions": [_VERSION], "next_cursor": None}},
    flows.VersionView: {"version": {**_VERSION, "definition": _DEFINITION}},
    node_types.NodeTypeList: {"one_of_them": {"node_types": [_CATCH]}},
    events.FlowEventPage: {"page": {"events": [_PUBLISHED], "next_cursor": None}},
    deployments.DeploymentPage: {
        "page": {"deployments": [{**_SUMMARY, "target": None}], "next_cursor": None},
        "of_a_device": {"deployments": [{**_SUMMARY, "target": _TARGET}], "next_cursor": None},
    },
    deployments.DeploymentView: {
        "running": {
            **_SUMMARY,
            "waits_for": _WAIT,
            "targets": [_TARGET],
            "targets_cursor": None,
            "execution": {
                "arn": _MACHINE,
                "console_url": "https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1"
                f"#/v2/executions/details/{_MACHINE}",
            },
            "rollback_execution": None,
        }
    },
    deployments.TargetPage: {"page": {"targets": [_TARGET], "next_cursor": None}},
    deployments.TargetView: {
        "given_up": {**_TARGET, "status": "failed", "reason": "given_up", "message": "given up by alice"}
    },
    events.DeploymentEventPage: {"page": {"events": [_BREACHED], "next_cursor": None}},
    devices.DevicePage: {"page": {"devices": [_DEVICE], "next_cursor": None}},
    devices.RegisteredDevice | devices.AnnouncedDevice: {
        "certificate": {
            **_CONNECTION,
            "certificate_arn": "arn:aws:iot:us-east-1:123456789012:cert/0f3c",
            "certificate_pem": "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n",
            "private_key": "-----BEGIN RSA PRIVATE KEY-----\n…\n-----END RSA PRIVATE KEY-----\n",
        },
        "claim": {**_CONNECTION, "state": "announced", "provisioning_template": "edgeflow"},
    },
    devices.DeviceView: {
        "device": {
            **_DEVICE,
            "connection_changed_at": _AT,
            "vitals": None,
            "certificate_arn": "arn:aws:iot:us-east-1:123456789012:cert/0f3c",
            "flows": [_RUNNING],
        }
    },
    fleet.FleetSummary: {
        "summary": {
            "counted_at": _AT,
            "complete": True,
            "total": 1_200,
            "unreadable": 0,
            "connected": {"true": 1_180, "false": 15, "unknown": 5},
            "health": {"healthy": 1_150, "starting": 2, "unhealthy": 3, "unknown": 45},
            "agent_versions": [{"agent_version": "1.2.0", "devices": 1_195}],
            "agent_versions_left_out": 0,
            "flows": [
                {
                    "flow_id": _FLOW,
                    "version": 1,
                    "devices": 1_155,
                    "health": {"healthy": 1_150, "starting": 2, "unhealthy": 3},
                }
            ],
            "flows_left_out": 0,
        }
    },
}


def _answered(shape: Any, value: object) -> Any:  # noqa: ANN401  a model or a union of some
    """Return a value as the API would write it. Raises ValidationError when it could not."""
    adapter = TypeAdapter(shape)
    return adapter.dump_python(adapter.validate_python(value), mode="json", exclude_unset=True)


ANSWERS: Final[Mapping[Any, Examples]] = {
    shape: _named(**{name: _answered(shape, value) for name, value in examples.items()})
    for shape, examples in _ANSWERS.items()
}
"""Bodies of success, by the model that writes them."""
