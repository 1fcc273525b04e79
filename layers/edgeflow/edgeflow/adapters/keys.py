"""Keys of the table's items. Every key of the project is built here, and nowhere else."""

from edgeflow.adapters.table import Key

FLOW_SORT_KEY = "FLOW"
DEPLOYMENT_SORT_KEY = "DEPLOYMENT"
DEVICE_SORT_KEY = "DEVICE"

FLOWS_LIST = "FLOWS"
DEPLOYMENTS_LIST = "DEPLOYMENTS"
DEVICES_LIST = "DEVICES"

VERSION_PREFIX = "VERSION#"
TARGET_PREFIX = "TARGET#"
INSTALL_PREFIX = "FLOW#"
EVENT_PREFIX = "EVENT#"


def flow_partition(flow_id: str) -> str:
    """A flow and its versions live in one partition."""
    return f"FLOW#{flow_id}"


def deployment_partition(deployment_id: str) -> str:
    """A deployment, its targets, waves and returns live in one partition."""
    return f"DEP#{deployment_id}"


def device_partition(device_id: str) -> str:
    """A device and what is installed on it live in one partition."""
    return f"DEVICE#{device_id}"


def flow_key(flow_id: str) -> Key:
    """Key of a flow."""
    return flow_partition(flow_id), FLOW_SORT_KEY


def version_key(flow_id: str, version: int) -> Key:
    """Key of a published version."""
    return flow_partition(flow_id), f"{VERSION_PREFIX}{version:08d}"


def deployment_key(deployment_id: str) -> Key:
    """Key of a deployment."""
    return deployment_partition(deployment_id), DEPLOYMENT_SORT_KEY


def target_key(deployment_id: str, device_id: str) -> Key:
    """Key of one target of a deployment."""
    return deployment_partition(deployment_id), f"{TARGET_PREFIX}{device_id}"


def wave_members_prefix(wave: int) -> str:
    """Prefix of the local index's sort key that lists one wave's targets."""
    return f"WAVE#{wave:05d}#"


def wave_key(deployment_id: str, name: str) -> Key:
    """Key of a wave's counters; names are ``00001`` for wave 1 and ``R001`` for the first rollback."""
    return deployment_partition(deployment_id), f"WAVE#{name}"


def returns_prefix(attempt: int) -> str:
    """Prefix of the frozen plan of one rollback attempt."""
    return f"RETURN#{attempt:03d}#"


def return_key(deployment_id: str, attempt: int, group: int, device_id: str) -> Key:
    """Key of one device in the plan of a rollback; groups share the version they return to."""
    return deployment_partition(deployment_id), f"{returns_prefix(attempt)}{group:04d}#{device_id}"


def device_key(device_id: str) -> Key:
    """Key of a device."""
    return device_partition(device_id), DEVICE_SORT_KEY


def install_key(device_id: str, flow_id: str) -> Key:
    """Key of what a device runs of one flow, which also holds the claim of an unfinished deployment."""
    return device_partition(device_id), f"{INSTALL_PREFIX}{flow_id}"


def history_partition(subject_id: str) -> str:
    """The history of a deployment or a flow has a partition of its own; template.yaml forbids changes by this name."""
    return f"HISTORY#{subject_id}"


def event_key(subject_id: str, sequence: int) -> Key:
    """Key of one event of a history."""
    return history_partition(subject_id), f"{EVENT_PREFIX}{sequence:010d}"
