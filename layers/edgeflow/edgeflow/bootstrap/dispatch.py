"""The steps of a rollout and of its way back that order devices something, and sign it."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from edgeflow.adapters.kms_signer import KmsSigner
from edgeflow.bootstrap import services, stores
from edgeflow.bootstrap.clients import PATIENT
from edgeflow.bootstrap.durations import health_window, watch_every
from edgeflow.bootstrap.rollout import close_wave
from edgeflow.bootstrap.tally import answer_wave, watch_waves
from edgeflow.domain.clock import utc_now
from edgeflow.settings import setting
from edgeflow.use_cases.rollout.create_jobs import CreateJobs
from edgeflow.use_cases.rollout.dispatch_wave import DispatchWave
from edgeflow.use_cases.rollout.fail_silent import FailSilent
from edgeflow.use_cases.rollout.return_devices import ReturnDevices
from edgeflow.use_cases.rollout.skip_offline import SkipOffline

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient


def dispatch_wave() -> DispatchWave:
    """Return the operation behind the command ``deploy_wave``."""
    return DispatchWave(
        deployments=stores.deployments(),
        targets=stores.targets(),
        waves=stores.waves(),
        workflows=services.workflows(),
        create_jobs=_create_jobs(),
        close_wave=close_wave(),
        watch_waves=watch_waves(),
        fail_silent=FailSilent(stores.targets(), stores.waves(), stores.devices(), utc_now, watch_every()),
        skip_offline=SkipOffline(stores.deployments(), stores.targets(), stores.devices(), utc_now),
        answer_wave=answer_wave(),
        clock=utc_now,
    )


def return_devices() -> ReturnDevices:
    """Return the operation behind the command ``return_devices``."""
    return ReturnDevices(
        deployments=stores.deployments(),
        targets=stores.targets(),
        waves=stores.waves(),
        flows=stores.flows(),
        create_jobs=_create_jobs(),
        answer_wave=answer_wave(),
        clock=utc_now,
    )


@cache
def order_signer() -> KmsSigner:
    """Return the signer of orders, with the key that ``ORDER_SIGNING_KEY`` names."""
    client: KMSClient = boto3.client("kms", config=PATIENT)
    return KmsSigner(client, setting("ORDER_SIGNING_KEY"))


def _create_jobs() -> CreateJobs:
    return CreateJobs(services.jobs(), order_signer(), health_window().total_seconds(), watch_every(), utc_now)
