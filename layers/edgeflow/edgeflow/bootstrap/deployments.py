"""What operators do with deployments."""

from edgeflow.bootstrap import bucket, services, stores
from edgeflow.bootstrap.durations import health_window
from edgeflow.bootstrap.rollout import claims
from edgeflow.bootstrap.tally import watch_waves
from edgeflow.domain.clock import utc_now
from edgeflow.settings import setting
from edgeflow.use_cases.deployments.cancel_deployment import CancelDeployment
from edgeflow.use_cases.deployments.create_deployment import CreateDeployment
from edgeflow.use_cases.deployments.delete_deployment import DeleteDeployment
from edgeflow.use_cases.deployments.give_up_target import GiveUpTarget
from edgeflow.use_cases.deployments.pause_deployment import PauseDeployment
from edgeflow.use_cases.deployments.promote_deployment import PromoteDeployment
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
        bucket.manifests(),
        utc_now,
        health_window(),
        setting("STACK_MARK"),
    )


def start_deployment() -> StartDeployment:
    """Return the operation behind ``…/start``."""
    return StartDeployment(
        deployments=stores.deployments(),
        manifests=bucket.manifests(),
        resolve_targets=ResolveTargets(bucket.manifests(), services.thing_groups(), stores.devices()),
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
    return RetryDeployment(
        stores.deployments(), stores.targets(), bucket.manifests(), start_deployment(), utc_now, setting("STACK_MARK")
    )


def delete_deployment() -> DeleteDeployment:
    """Return the operation behind ``DELETE /v1/deployments/{deployment_id}``."""
    return DeleteDeployment(
        deployments=stores.deployments(),
        manifests=bucket.manifests(),
        installs=stores.installs(),
        devices=stores.devices(),
        jobs=services.jobs(),
        workflows=services.workflows(),
        clock=utc_now,
    )
