"""What operators do with deployments."""

import time

from edgeflow.bootstrap import services, stores
from edgeflow.bootstrap.durations import health_window
from edgeflow.bootstrap.rollout import claims
from edgeflow.bootstrap.tally import watch_waves
from edgeflow.domain.clock import utc_now
from edgeflow.use_cases.deployments.await_status import AwaitStatus
from edgeflow.use_cases.deployments.cancel_deployment import CancelDeployment
from edgeflow.use_cases.deployments.create_deployment import CreateDeployment
from edgeflow.use_cases.deployments.delete_deployment import DeleteDeployment
from edgeflow.use_cases.deployments.give_up_target import GiveUpTarget
from edgeflow.use_cases.deployments.pause_deployment import PauseDeployment
from edgeflow.use_cases.deployments.promote_deployment import PromoteDeployment
from edgeflow.use_cases.deployments.read_deployments import ReadDeployments
from edgeflow.use_cases.deployments.read_waits import ReadWaits
from edgeflow.use_cases.deployments.resolve_targets import ResolveTargets
from edgeflow.use_cases.deployments.resume_deployment import ResumeDeployment
from edgeflow.use_cases.deployments.retry_deployment import RetryDeployment
from edgeflow.use_cases.deployments.start_deployment import StartDeployment


def create_deployment() -> CreateDeployment:
    """Return the operation behind ``POST /v1/deployments``."""
    devices = stores.devices()
    return CreateDeployment(
        stores.deployments(),
        stores.flows(),
        devices,
        devices,
        services.thing_groups(),
        services.manifests(),
        utc_now,
        health_window(),
    )


def read_deployments() -> ReadDeployments:
    """Return the reads behind ``GET /v1/deployments…``."""
    return ReadDeployments(stores.deployments(), stores.targets(), services.manifests())


def await_status() -> AwaitStatus:
    """Return the long poll of ``GET /v1/deployments/{deployment_id}``."""
    return AwaitStatus(stores.deployments(), stores.waiting_places(), utc_now, time.sleep)


def read_waits() -> ReadWaits:
    """Return the look at what deployments and targets wait for."""
    return ReadWaits(stores.waves(), stores.targets(), stores.devices(), utc_now)


def start_deployment() -> StartDeployment:
    """Return the operation behind ``…/start``."""
    return StartDeployment(
        deployments=stores.deployments(),
        manifests=services.manifests(),
        resolve_targets=ResolveTargets(services.manifests(), services.thing_groups(), stores.devices()),
        flows=stores.flows(),
        claims=claims(),
        workflows=services.workflows(),
        clock=utc_now,
    )


def resume_deployment() -> ResumeDeployment:
    """Return the operation behind ``…/resume``."""
    return ResumeDeployment(stores.deployments(), stores.waves(), services.workflows(), utc_now)


def pause_deployment() -> PauseDeployment:
    """Return the operation behind ``…/pause``."""
    return PauseDeployment(stores.deployments(), utc_now)


def cancel_deployment() -> CancelDeployment:
    """Return the operation behind ``…/cancel``."""
    return CancelDeployment(stores.deployments(), services.dispatch_queue(), utc_now)


def promote_deployment() -> PromoteDeployment:
    """Return the operation behind ``…/promote``."""
    return PromoteDeployment(stores.deployments(), stores.waves(), services.workflows(), watch_waves(), utc_now)


def give_up_target() -> GiveUpTarget:
    """Return the operation behind ``…/targets/{device_id}/skip``."""
    return GiveUpTarget(stores.deployments(), stores.targets(), services.jobs(), services.dispatch_queue(), utc_now)


def retry_deployment() -> RetryDeployment:
    """Return the operation behind ``…/retry``."""
    return RetryDeployment(stores.deployments(), stores.targets(), services.manifests(), start_deployment(), utc_now)


def delete_deployment() -> DeleteDeployment:
    """Return the operation behind ``DELETE /v1/deployments/{deployment_id}``."""
    return DeleteDeployment(
        deployments=stores.deployments(),
        manifests=services.manifests(),
        installs=stores.installs(),
        devices=stores.devices(),
        jobs=services.jobs(),
        workflows=services.workflows(),
        clock=utc_now,
    )
