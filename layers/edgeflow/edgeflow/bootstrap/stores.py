"""What is stored in the table."""

from functools import cache

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.bootstrap.clients import table


@cache
def deployments() -> DeploymentStore:
    """Return the store of deployments."""
    return DeploymentStore(table())


@cache
def targets() -> TargetStore:
    """Return the store of targets."""
    return TargetStore(table())


@cache
def waves() -> WaveStore:
    """Return the store of waves."""
    return WaveStore(table())


@cache
def installs() -> InstallStore:
    """Return the store of what devices run, and of claims."""
    return InstallStore(table())


@cache
def flows() -> FlowStore:
    """Return the store of flows."""
    return FlowStore(table())


@cache
def devices() -> DeviceStore:
    """Return the store of devices."""
    return DeviceStore(table())
