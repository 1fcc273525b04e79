"""What is stored in the table."""

from functools import cache

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.deployments.waiting_places import WaitingPlaces
from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.bootstrap.clients import table
from edgeflow.settings import setting


@cache
def deployments() -> DeploymentStore:
    """Return the store of deployments."""
    return DeploymentStore(table())


@cache
def waiting_places() -> WaitingPlaces:
    """Return the places for requests that wait, as many as ``LONG_POLLS`` says."""
    return WaitingPlaces(table(), count=int(setting("LONG_POLLS")))


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
